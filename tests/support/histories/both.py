"""The histories of a block of schedules: on a real Kafka, and on the kit."""

import random

from headrace.runner.kafka.settings import KafkaSource
from headrace.testing import StreamRun
from tests.support.histories.play import Entry, play
from tests.support.histories.real import RealRun
from tests.support.histories.schedules import Block

# What the group took and gave at the end of a phase: ("revoke", partitions) and so on.
Changes = dict[int, list[tuple[str, tuple[int, ...]]]]
Histories = dict[int, list[Entry]]

QUICK = {
    "session.timeout.ms": "2000",
    "heartbeat.interval.ms": "200",
    "fetch.wait.max.ms": "20",
}
SHORT = {"max.poll.interval.ms": "3000"}


def on_kafka(block: Block, seed: int, bootstrap: str, topic: str) -> tuple[Histories, Changes]:
    """Play a block on a topic. Returns its histories, and how the group changed."""
    changes: Changes = {}
    source = KafkaSource(
        bootstrap_servers=bootstrap,
        topic=topic,
        group=topic,
        assignment_strategy=random.Random(seed).choice([None, "range", "roundrobin"]),
        consumer_config=QUICK | (SHORT if "silence" in block.ends else {}),
    )

    def change(run: RealRun, phase: int, how: str) -> None:
        changes[phase] = run.share() if how == "share" else run.be_silent()

    def make(worker) -> RealRun:
        return RealRun(worker, source, len(block.partitions), **block.settings)

    return play(block, make, change), changes


def on_the_kit(block: Block, changes: Changes) -> Histories:
    """Play a block in memory, with a group that changes as the real one did."""

    def change(run: StreamRun, phase: int, how: str) -> None:
        for what, partitions in changes[phase]:
            if partitions:
                getattr(run, what)(*partitions)

    def make(worker) -> StreamRun:
        return StreamRun(worker, partitions=len(block.partitions), **block.settings)

    return play(block, make, change)
