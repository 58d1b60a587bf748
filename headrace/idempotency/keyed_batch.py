"""What is known of each record of a batch whose records have @once keys."""

from collections.abc import Sequence

from headrace.errors import NotDone, Reject, failure_of
from headrace.idempotency.answers import TooLargeError, from_text, to_text
from headrace.idempotency.decorator import OnceOptions, payload_digest
from headrace.idempotency.keys import storable
from headrace.idempotency.store import Claim
from headrace.json_text import JsonError
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import DeadLetter, held_back, hold_back, settle
from headrace.record import Record, RequestPosition


class KeyedBatch:
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
                key = f"{name}#{storable(options.key(record))}"
            except BaseException as error:  # noqa: BLE001 - this record's own
                self._wrong[index] = failure_of(error)
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

    def note(self, outcomes: Outcomes, most_bytes: int) -> None:
        """Take in what became of the chosen records. A larger answer is its record's failure."""
        for place, index in enumerate(self.chosen):
            error = outcomes.failures.get(place)
            if error is not None:
                self.outcomes.fail(index, error)
            elif place in outcomes.rejected:
                self.outcomes.reject(index, outcomes.rejected[place])
            else:
                result = outcomes.results[place]
                try:
                    self.answers[self._keys[index]] = to_text(result, most_bytes)
                    self.outcomes.keep(index, result)
                except (JsonError, TooLargeError) as unsayable:
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
            self.outcomes.fail(index, _busy(self._records[index]))
            return False
        if claim.digest and claim.digest != payload_digest(self._records[index]):
            return settle(index, _differs(), self.outcomes, self._on_reject)
        try:
            self.outcomes.keep(index, from_text(claim.answer))
        except Exception as unreadable:  # noqa: BLE001 - this record's own
            self.outcomes.fail(index, unreadable)
            return False
        return True


def _busy(record: Record) -> Exception:
    """Why a record whose key is in work is not done; a caller who waits is told to ask again."""
    why = "its @once key is in work elsewhere"
    if isinstance(record.position, RequestPosition):
        return Reject(f"{why}: try again", status=409)
    return NotDone(why)


def _differs() -> Reject:
    return Reject("its @once key was processed with another payload", status=422)
