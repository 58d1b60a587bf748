"""A group's member that commits in transactions, each with the results up to its positions.

All commits go this way, those without a result too: so none overtakes another.

A member that the group has put out must move nothing. The broker looks at the member's id and
generation, but only if it is told one; librdkafka forgets the id as soon as it is put out, so it is
looked at before and after.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from headrace.log import Log
from headrace.runner.kafka.confluent import ConfluentConsumer
from headrace.runner.kafka.consumer import (
    ConsumerError,
    Fetched,
    GoBack,
    Listener,
    Records,
    Unreadable,
)
from headrace.runner.kafka.transactions.results import HeldResults, Result
from headrace.runner.kafka.transactions.writer import Aborted, InDoubt, TransactionWriter
from headrace.sinks.base import ContentRefused

_ANSWER_SECONDS = 5.0


class TransactionalConsumer(ConfluentConsumer):
    """A `headrace.runner.kafka.consumer.GroupConsumer`.

    Args:
        config: of librdkafka.
        topic: what is read.
        log: takes what the client says.
        cooperative: whether partitions are given and taken one by one, not all anew.
        held: the results.
        writer: writes the transactions.
    """

    def __init__(
        self,
        config: dict[str, Any],
        topic: str,
        log: Log,
        *,
        cooperative: bool,
        held: HeldResults,
        writer: TransactionWriter,
    ) -> None:
        super().__init__(config, topic, log, cooperative=cooperative)
        log.info("results go out in transactions", transactional_id=writer.name)
        self._held = held
        self._writer = writer
        self._to_read_again: dict[int, int] = {}

    def join(self, listener: Listener) -> None:
        """Join the group. Raises SettingsError if the broker lets no transaction begin."""
        with suppress(Aborted, InDoubt):  # it may do so later
            self._writer.recover()
        super().join(_Following(listener, self._held))

    def fetch(self, most: int, timeout: float) -> list[Fetched]:
        """Return up to `most` messages; if there are none, wait up to `timeout` seconds for one."""
        back = [GoBack(*place) for place in self._to_read_again.items()]
        self._to_read_again.clear()
        found = super().fetch(most, 0.0 if back else timeout)
        for item in found:
            if isinstance(item, Records):
                self._held.came(item.partition, item.records)
            elif isinstance(item, Unreadable):
                self._held.came(item.partition, [item.record])
        return [*found, *back]

    def read_from(self, offsets: Mapping[int, int], reached: Mapping[int, int | None]) -> None:
        """Go on reading partitions that stand still."""
        for number, offset in offsets.items():
            self._held.go_on(number, offset)
        super().read_from(offsets, reached)

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Commit, and write the results up to there; the listener has heard when this returns."""
        movable = self._held.movable(offsets)
        try:
            self._resolve()
            if movable:
                self._write(self._held.until(movable), movable)
        except (Aborted, InDoubt) as error:
            raise ConsumerError(f"the transaction failed: {error}") from None
        if self._listener is not None:
            again = ConsumerError("the records come again")
            self._listener.committed(offsets, dict.fromkeys(offsets.keys() - movable, again))

    def close(self) -> None:
        """Leave the group."""
        super().close()
        self._writer.close()

    def _write(self, results: Sequence[Result], offsets: Mapping[int, int]) -> None:
        """Write one transaction; if a result in it is refused, write what is before that result."""
        member = self._membership()
        try:
            self._writer.write([one.message for one in results], self._placed(offsets), member)
        except InDoubt:
            self._held.note_doubt(offsets)
            raise
        except ContentRefused as error:
            if len(results) == 1:
                self._refuse(results[0], str(error))
            for part in _halves(results, offsets):
                self._write(*part)
            return
        self._held.note_committed(offsets)

    def _refuse(self, result: Result, why: str) -> None:
        """Have the record come again: this time, its result fails. Raises ConsumerError."""
        self._to_read_again[result.partition] = self._held.refuse(result, why)
        name = result.message.id
        raise ConsumerError(f"the result of {name} is refused: {why}; its record comes again")

    def _resolve(self) -> None:
        """Find out what became of a transaction in doubt: its positions say so."""
        if doubts := self._held.doubts():
            self._writer.recover()
            self._held.resolve(self.committed(doubts, _ANSWER_SECONDS))

    def _membership(self) -> Any:
        before = self._consumer.memberid()
        member = self._consumer.consumer_group_metadata()
        if not before or before != self._consumer.memberid():
            raise Aborted("the group has put this member out")
        return member


class _Following:
    """Tells who holds the results of partitions that come and go.

    Args:
        listener: is told, too.
        held: the results.
    """

    def __init__(self, listener: Listener, held: HeldResults) -> None:
        self.committed = listener.committed
        self._listener = listener
        self._held = held

    def assigned(self, partitions: Iterable[int]) -> None:
        """Begin assignments."""
        numbers = list(partitions)
        for number in numbers:
            self._held.begin(number)
        self._listener.assigned(numbers)

    def revoked(self, partitions: Iterable[int]) -> None:
        """End assignments, once what is done is committed."""
        numbers = list(partitions)
        self._listener.revoked(numbers)
        self._held.end(numbers)

    def lost(self, partitions: Iterable[int]) -> None:
        """End assignments: nothing of them is written any more."""
        numbers = list(partitions)
        self._held.end(numbers)
        self._listener.lost(numbers)


def _halves(
    results: Sequence[Result], offsets: Mapping[int, int]
) -> Iterator[tuple[Sequence[Result], Mapping[int, int]]]:
    """Yield the first half with the positions before the second, and the second."""
    middle = results[len(results) // 2]
    first = {number: end for number, end in offsets.items() if number < middle.partition}
    yield results[: len(results) // 2], {**first, middle.partition: middle.offset}
    yield results[len(results) // 2 :], offsets
