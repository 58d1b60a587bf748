"""Where a partition begins: at the group's position, or where the mapping says if it has none.

A position that the log no longer holds is reported, with the number of records that are gone. A
partition that the topic got later, or of a topic that was made anew, is read from its beginning:
what was written to it before anybody knew of it would be skipped otherwise.
"""

import sys
from collections.abc import Callable, Iterable, Mapping

from headrace.runner.kafka.consumer import BEGINNING, END, GroupConsumer
from headrace.runner.poller import Intake
from headrace.runner.settings import MappingSettings

_ANSWER_SECONDS = 2.0


def starting_time(settings: MappingSettings) -> int:
    """Return the starting position as brokers know it: a time in ms, or BEGINNING or END."""
    if settings.starting_position == "AT_TIMESTAMP":
        return round((settings.starting_position_timestamp or 0.0) * 1000)
    return END if settings.starting_position == "LATEST" else BEGINNING


class StartingPositions:
    """Finds the offsets at which partitions begin, or go on.

    Args:
        consumer: is asked for the group's positions and the ends of the log.
        time: where to begin if the group has no position (see `starting_time`).
        intake: is told of records that are gone.
        began_with: how many partitions the topic had when the group began; the later ones have
            the higher numbers.
        made_anew: looks whether the topic was made anew since the run began; None: it never is.
    """

    def __init__(
        self,
        consumer: GroupConsumer,
        time: int,
        intake: Intake,
        began_with: int = sys.maxsize,
        made_anew: Callable[[], bool] | None = None,
    ) -> None:
        self._consumer = consumer
        self._time = time
        self._intake = intake
        self._began_with = began_with
        self._made_anew = made_anew

    def find(self, reached: Mapping[int, int | None]) -> dict[int, int]:
        """Return the offset at which each partition goes on.

        Args:
            reached: partitions, each with the next offset if something was read already.

        Raises:
            ConsumerError: A broker did not answer.
        """
        known = {p: offset for p, offset in reached.items() if offset is not None}
        if unknown := reached.keys() - known.keys():
            known |= self._consumer.committed(unknown, timeout=_ANSWER_SECONDS)
        first, last = self._offsets(known, BEGINNING), self._offsets(known, END)
        new = reached.keys() - known.keys()
        if new and self._time == END and self._made_anew is not None and self._made_anew():
            self._began_with = 0
        later = {partition for partition in new if partition >= self._began_with}
        begins = self._offsets(new - later, self._time) | self._offsets(later, BEGINNING)
        return begins | {p: self._go_on(p, known[p], first[p], last[p]) for p in known}

    def beginnings(self, partitions: Iterable[int]) -> dict[int, int]:
        """Return the first offset of each partition. Raises ConsumerError as `find`."""
        return self._offsets(partitions, BEGINNING)

    def _go_on(self, partition: int, offset: int, first: int, last: int) -> int:
        if offset < first:
            self._intake.lost(first - offset)
            self._intake.log.error(
                "records lost: the log's retention overtook the group",
                partition=partition,
                lost=first - offset,
                first_offset=offset,
                last_offset=first - 1,
            )
        elif offset > last:
            self._intake.log.error(
                "log truncated: the group's position is beyond its end; all that it holds is read",
                partition=partition,
                position=offset,
                first_offset=first,
                last_offset=last - 1,
            )
        return offset if first <= offset <= last else first

    def _offsets(self, partitions: Iterable[int], time: int) -> dict[int, int]:
        asked = list(partitions)
        return self._consumer.offsets(asked, time, timeout=_ANSWER_SECONDS) if asked else {}
