"""A batch of a worker whose `process` is `@once`: claim all keys, process, remember all answers.

It costs two calls of the store, whatever the batch holds. The order per key of the stream holds: a
record whose key is in work elsewhere holds back the later ones of its own stream key.
"""

import time
import uuid
from collections.abc import Callable, Sequence

from headrace.errors import HeadraceError, NotDone, Reject
from headrace.idempotency.answers import from_text, to_text
from headrace.idempotency.decorator import OnceOptions, payload_digest
from headrace.idempotency.lease import held
from headrace.idempotency.store import Claim, OnceStore
from headrace.json_text import JsonError
from headrace.log import Log
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import DeadLetter, held_back, hold_back, settle
from headrace.record import Record

_WAITS = (0.2, 1.0)

Attempt = Callable[[Sequence[Record]], Outcomes]


class LeaseLost(HeadraceError):
    """The record was processed, but too late: another one claimed its key. It counts as failed."""


class OnceRunner:
    """Runs batches of one worker.

    Args:
        options: what the decorator was told.
        store: keeps keys and answers.
        name: of the worker; its keys are told apart by it.
        lease: seconds for which a key is claimed at first, and with each extension.
        log: says what stands in the way.
    """

    def __init__(
        self, options: OnceOptions, store: OnceStore, name: str, lease: float, log: Log
    ) -> None:
        self._options = options
        self._store = store
        self._name = name
        self._lease = lease
        self._log = log

    def run(self, records: Sequence[Record], on_reject: DeadLetter, attempt: Attempt) -> Outcomes:
        """Process a batch.

        Args:
            records: in the order of delivery.
            on_reject: writes a dead letter.
            attempt: processes those of the records that are to be processed.
        """
        batch = _Batch(records, on_reject)
        batch.read_keys(self._options, self._name)
        token = uuid.uuid4().hex
        try:
            claims = self._store.claim(batch.digests, token, self._lease) if batch.digests else {}
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was begun
            return Outcomes(records, dict.fromkeys(range(len(records)), error))
        batch.take(claims)
        mine = [key for key, claim in claims.items() if claim.state == "mine"]
        if batch.chosen:
            with held(self._store, mine, token, self._lease, self._log):
                batch.note(attempt([records[index] for index in batch.chosen]))
        self._settle(batch, mine, token)
        batch.end()
        return batch.outcomes

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _settle(self, batch: "_Batch", mine: Sequence[str], token: str) -> None:
        try:
            lost = self._complete(batch, token) if batch.answers else set()
        except Exception as error:  # noqa: BLE001 - then no answer is remembered
            lost = set()
            for key in batch.answers:
                batch.outcomes.fail(batch.first[key], error)
        for key in lost:
            batch.outcomes.fail(batch.first[key], LeaseLost("another one has claimed its key"))
        left = [key for key in mine if key not in batch.answers]
        if left:
            try:
                self._store.release(left, token)
            except Exception as error:  # noqa: BLE001 - the leases end by themselves
                self._log.warning("leases could not be released", keys=len(left), error=error)

    def _complete(self, batch: "_Batch", token: str) -> set[str]:
        """Try three times: what is not remembered now is done once more later."""
        for wait in _WAITS:
            try:
                return self._store.complete(batch.answers, token, self._options.window)
            except Exception as error:  # noqa: BLE001 - the last try says it
                self._log.warning("answers could not be remembered", error=error)
                time.sleep(wait)
        return self._store.complete(batch.answers, token, self._options.window)


class _Batch:
    """What is known of each record.

    Attributes:
        outcomes: of all records.
        digests: the digest of the payload of each key.
        first: the index of the first record of each key.
        chosen: indices of the records that are to be processed.
        answers: what is to be remembered, by key.
    """

    def __init__(self, records: Sequence[Record], on_reject: DeadLetter) -> None:
        self.outcomes = Outcomes(records)
        self.digests: dict[str, str] = {}
        self.first: dict[str, int] = {}
        self.chosen: list[int] = []
        self.answers: dict[str, str] = {}
        self._records = records
        self._on_reject = on_reject
        self._keys: dict[int, str] = {}
        self._wrong: dict[int, Exception] = {}

    def read_keys(self, options: OnceOptions, name: str) -> None:
        """Find the key and the digest of each record; one without a key fails by itself."""
        for index, record in enumerate(self._records):
            try:
                key = f"{name}#{options.key(record)}"
            except Exception as error:  # noqa: BLE001 - this record's own
                self._wrong[index] = error
                continue
            self._keys[index] = key
            if self.first.setdefault(key, index) == index:
                self.digests[key] = payload_digest(record)

    def take(self, claims: dict[str, Claim]) -> None:
        """Sort out what is to be processed, from the first record to the last."""
        blocked: set[bytes | None] = set()
        for index, record in enumerate(self._records):
            key = self._keys.get(index)
            if record.key is not None and record.key in blocked:
                self.outcomes.fail(index, held_back())
            elif key is None:
                if not settle(index, self._wrong[index], self.outcomes, self._on_reject):
                    blocked.add(record.key)
            elif self.first[key] != index:
                continue  # it gets the answer of the first, if that has one
            elif claims[key].state == "mine":
                self.chosen.append(index)
            elif not self._known(index, claims[key]):
                blocked.add(record.key)

    def note(self, outcomes: Outcomes) -> None:
        """Take in what became of the chosen records."""
        for place, index in enumerate(self.chosen):
            error = outcomes.failures.get(place)
            if error is not None:
                self.outcomes.fail(index, error)
            elif place in outcomes.rejected:
                self.outcomes.reject(index)
            else:
                result = outcomes.results[place]
                try:
                    self.answers[self._keys[index]] = to_text(result)
                    self.outcomes.keep(index, result)
                except JsonError as unsayable:
                    self.outcomes.fail(index, unsayable)

    def end(self) -> None:
        """Give records whose key stands in the batch before what the first of them got."""
        for index, key in self._keys.items():
            first = self.first[key]
            if first == index or index in self.outcomes.failures:
                continue
            if first in self.outcomes.failures or first in self.outcomes.rejected:
                self.outcomes.fail(index, NotDone("an earlier record of the same @once key failed"))
            elif payload_digest(self._records[index]) != self.digests[key]:
                settle(index, _differs(), self.outcomes, self._on_reject)
            else:
                self.outcomes.keep(index, self.outcomes.results[first])
        hold_back(self.outcomes)

    def _known(self, index: int, claim: Claim) -> bool:
        """Answer a record whose key was claimed before. Returns whether it is done."""
        if claim.state == "busy":
            self.outcomes.fail(index, NotDone("its @once key is in work elsewhere"))
            return False
        if claim.digest and claim.digest != payload_digest(self._records[index]):
            return settle(index, _differs(), self.outcomes, self._on_reject)
        self.outcomes.keep(index, from_text(claim.answer))
        return True


def _differs() -> Reject:
    return Reject("its @once key was processed with another payload", status=422)
