"""Where a partition begins: at the group's position, or where the mapping says if it has none.

A position that the log no longer holds is reported, with the number of records that are gone.
"""

from collections.abc import Iterable, Mapping

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, KafkaException, TopicPartition

from headrace.log import Log
from headrace.runner.kafka.client import GroupConsumer
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings

_ANSWER_SECONDS = 2.0


def starting_time(settings: MappingSettings) -> int:
    """The starting position as brokers are asked for it: a time in ms, or a special value."""
    if settings.starting_position == "AT_TIMESTAMP":
        return round((settings.starting_position_timestamp or 0.0) * 1000)
    return OFFSET_END if settings.starting_position == "LATEST" else OFFSET_BEGINNING


class StartingPoints:
    """Finds the offsets at which partitions begin, or go on.

    Args:
        consumer: asks for the group's positions and the ends of the log.
        topic: its name.
        time: where to begin if the group has no position (see `starting_time`).
        stats: counts the records that are gone.
        log: told of them.
    """

    def __init__(
        self, consumer: GroupConsumer, topic: str, time: int, stats: Stats, log: Log
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._time = time
        self._stats = stats
        self._log = log

    def find(self, reached: Mapping[int, int | None]) -> dict[int, int]:
        """The offset at which each partition goes on.

        Args:
            reached: partitions, each with the next offset where something was read already.

        Raises:
            KafkaException: A broker did not answer.
        """
        known = {p: offset for p, offset in reached.items() if offset is not None}
        known |= self._committed(reached.keys() - known.keys())
        first, last = self._offsets(OFFSET_BEGINNING, known), self._offsets(OFFSET_END, known)
        new = self._offsets(self._time, reached.keys() - known.keys())
        return new | {p: self._go_on(p, known[p], first[p], last[p]) for p in known}

    def _go_on(self, partition: int, offset: int, first: int, last: int) -> int:
        if offset < first:
            self._stats.add(lost=first - offset)
            self._log.error(
                "records lost: the log's retention overtook the group",
                partition=partition,
                lost=first - offset,
                first_offset=offset,
                last_offset=first - 1,
            )
        elif offset > last:
            self._log.error(
                "log truncated: the group's position is beyond its end; all that it holds is read",
                partition=partition,
                position=offset,
                first_offset=first,
                last_offset=last - 1,
            )
        return offset if first <= offset <= last else first

    def _committed(self, partitions: Iterable[int]) -> dict[int, int]:
        """The group's positions, where it has one."""
        asked = [TopicPartition(self._topic, p) for p in partitions]
        if not asked:
            return {}
        answers = _checked(self._consumer.committed(asked, timeout=_ANSWER_SECONDS))
        return {p: offset for p, offset in answers.items() if offset >= 0}

    def _offsets(self, time: int, partitions: Iterable[int]) -> dict[int, int]:
        """The first offset at or after a time, or the start or the end of the log."""
        asked = [TopicPartition(self._topic, p, time) for p in partitions]
        if not asked:
            return {}
        found = _checked(self._consumer.offsets_for_times(asked, timeout=_ANSWER_SECONDS))
        nothing_after = [p for p, offset in found.items() if offset < 0]
        return found | (self._offsets(OFFSET_END, nothing_after) if nothing_after else {})


def _checked(answers: list[TopicPartition]) -> dict[int, int]:
    for answer in answers:
        if answer.error is not None:
            raise KafkaException(answer.error)
    return {answer.partition: answer.offset for answer in answers}
