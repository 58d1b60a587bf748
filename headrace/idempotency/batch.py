"""A batch of a worker whose `process` is `@once`: claim all keys, process, remember all answers.

It costs two calls of the store, whatever the batch holds. The order per key of the stream holds: a
record whose key is in work elsewhere holds back the later ones of its own stream key.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from headrace.errors import HeadraceError
from headrace.idempotency.decorator import OnceOptions
from headrace.idempotency.keyed_batch import KeyedBatch
from headrace.idempotency.lease import held
from headrace.idempotency.store import Claim, OnceStore
from headrace.log import Log
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import DeadLetter
from headrace.record import Record

_WAITS = (0.2, 1.0)
_CLAIMS = 3

Attempt = Callable[[Sequence[Record]], Outcomes]


class LeaseLost(HeadraceError):
    """The record was processed, but too late: another one claimed its key. It counts as failed."""


class LateClaim(HeadraceError):
    """The store answers so slowly that a lease would be over before long: nothing was begun."""


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
        batch = KeyedBatch(records, on_reject)
        batch.read_keys(self._options, self._name)
        token = uuid.uuid4().hex
        try:
            claims = self._claim(batch.digests, token) if batch.digests else {}
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was begun
            return Outcomes(records, dict.fromkeys(range(len(records)), error))
        batch.take(claims)
        mine = _mine(claims)
        if batch.chosen:
            with held(self._store, mine, token, self._lease, self._log):
                outcomes = attempt([records[index] for index in batch.chosen])
                batch.note(outcomes, self._store.most_bytes)
        self._settle(batch, mine, token)
        batch.end()
        return batch.outcomes

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _claim(self, digests: Mapping[str, str], token: str) -> dict[str, Claim]:
        """Claim keys; once more if the answer was long on its way: a lease begins before that."""
        for _ in range(_CLAIMS):
            begun = time.monotonic()
            claims = self._store.claim(digests, token, self._lease)
            seconds = time.monotonic() - begun
            mine = _mine(claims)
            if not mine or seconds <= self._lease / 3:
                return claims
        self._release(mine, token)
        raise LateClaim(
            f"its store took {seconds:.1f} s to claim its @once key, which is too long for leases"
            f" of {self._lease:g} s (HEADRACE_ONCE_LEASE_SECONDS)"
        )

    def _settle(self, batch: KeyedBatch, mine: Sequence[str], token: str) -> None:
        try:
            lost = self._complete(batch, token) if batch.answers else set()
        except Exception as error:  # noqa: BLE001 - then no answer is remembered
            lost = set()
            for key in batch.answers:
                batch.outcomes.fail(batch.first[key], error)
        for key in lost:
            batch.outcomes.fail(batch.first[key], LeaseLost("another one has claimed its key"))
        self._release([key for key in mine if key not in batch.answers], token)

    def _release(self, keys: Sequence[str], token: str) -> None:
        if not keys:
            return
        try:
            self._store.release(keys, token)
        except Exception as error:  # noqa: BLE001 - the leases end by themselves
            self._log.warning("leases could not be released", keys=len(keys), error=error)

    def _complete(self, batch: KeyedBatch, token: str) -> set[str]:
        """Try three times: what is not remembered now is done once more later."""
        for wait in _WAITS:
            try:
                return self._store.complete(batch.answers, token, self._options.window)
            except Exception as error:  # noqa: BLE001 - the last try says it
                self._log.warning("answers could not be remembered", error=error)
                time.sleep(wait)
        return self._store.complete(batch.answers, token, self._options.window)


def _mine(claims: Mapping[str, Claim]) -> list[str]:
    return [key for key, claim in claims.items() if claim.state == "mine"]
