"""How far the group is behind the ends of its partitions."""

import time

from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.consumer import GroupConsumer
from headrace.runner.poller import Intake

_SECONDS = 1.0


class Lag:
    """Measures once a second, by what the consumer last heard of the ends."""

    def __init__(self, consumer: GroupConsumer, assignment: Assignment, intake: Intake) -> None:
        self._consumer = consumer
        self._assignment = assignment
        self._intake = intake
        self._due = 0.0

    def work(self) -> None:
        """Measure, if it is time to."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + _SECONDS
        lag = {}
        for number, partition in self._assignment.partitions.items():
            position = partition.position()
            if position is not None:
                lag[partition.channel.name] = max(0, self._consumer.log_end(number) - position)
        self._intake.lag(lag)
