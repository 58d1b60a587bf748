"""How much of everything a chaos run has, and what its runners are told."""

from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from random import Random
from typing import NamedTuple

MAX_POLL_SECONDS = 6
_POLL = f"--consumer-config=max.poll.interval.ms={MAX_POLL_SECONDS * 1000}"
_CLASSIC = (
    *(_POLL, "--consumer-config=session.timeout.ms=3000"),
    "--consumer-config=heartbeat.interval.ms=500",
)
MEMBERS: Mapping[str, Sequence[str]] = {
    "cooperative": _CLASSIC,
    "eager": (*_CLASSIC, "--assignment-strategy=range"),
    # Here the broker sets session and heartbeat, for the whole group.
    "consumer": (_POLL, "--group-protocol=consumer"),
}
BROKER = {
    "group.consumer.session.timeout.ms": "3000",
    "group.consumer.heartbeat.interval.ms": "500",
}
KILL_POINTS = (
    *("anywhere", "commit before", "dead-letter before"),
    *("anywhere", "commit within", "dead-letter within"),
    *("anywhere", "commit after", "dead-letter after"),
)
# How poison ends: it is given up soon, or it is retried without end until it is cured.
ENDINGS = ("dead letters", "cure")


class Plan(NamedTuple):
    """What to do. The defaults are those of the long run.

    Attributes:
        poison: the share of the records that are made to fail.
        kills: of runners, at every one of `kill_points` in turn.
        stops: of runners, for longer than they may go without a poll.
        broker_restarts: by SIGKILL and in order, by turns.
        seconds: the time that the handlers take for all records, without the faults.
        member: how the runners are members of their group; one of MEMBERS.
        concurrency: handler threads of a runner.
        parallelization: batches of one partition that may be in work at once.
        uncommitted_batches: how many, for each of these, may be out and not committed.
        records_ahead: how many records of a partition may be out beyond one that is retried.
        ending: how poison ends; one of ENDINGS. With "cure", the poison fails on and on, through
            all faults, until everything else is done.
    """

    records: int = 300_000
    keys: int = 1_000
    poison: float = 0.001
    partitions: int = 12
    runners: int = 3
    kills: int = 36
    stops: int = 4
    broker_restarts: int = 5
    seconds: float = 180
    seed: int = 1
    member: str = "cooperative"
    concurrency: int = 4
    parallelization: int = 2
    batch_size: int = 50
    uncommitted_batches: int = 4
    records_ahead: int = 1_000
    ending: str = "dead letters"

    @property
    def window(self) -> int:
        """The most records of one partition that a crash may deliver twice."""
        usual = self.batch_size * self.uncommitted_batches * self.parallelization
        return max(usual, self.records_ahead)

    @property
    def kill_points(self) -> Sequence[str]:
        """Where runners are killed, in turn."""
        return ("anywhere",) if self.ending == "cure" else KILL_POINTS  # it hardly commits then

    @property
    def handler_seconds(self) -> float:
        """The time of one record with its handler."""
        return self.seconds * self.runners * self.concurrency / self.records

    def faults(self, chance: Random) -> list[str]:
        """The names of all faults in the order of their coming."""
        broker = cycle(("broker SIGKILL", "broker SIGTERM"))
        faults = [
            *(f"kill {point}" for point in islice(cycle(self.kill_points), self.kills)),
            *["stop"] * self.stops,
            *islice(broker, self.broker_restarts),
        ]
        chance.shuffle(faults)
        return faults

    def flags(self, destination: str) -> list[str]:
        """What `headrace run` is told."""
        settings = {
            "batch-size": self.batch_size,
            "uncommitted-batches": self.uncommitted_batches,
            "records-ahead": self.records_ahead,
            "parallelization-factor": self.parallelization,
            "function-concurrency": self.concurrency,
            "maximum-batching-window-in-seconds": 0.1,
            "retry-backoff-seconds": 0.05,
            "retry-backoff-max-seconds": 1,
            "drain-timeout-seconds": 2,
        }
        if self.ending == "dead letters":
            settings |= {"maximum-retry-attempts": 1, "on-failure-url": destination}
        return [*(f"--{name}={text}" for name, text in settings.items()), *MEMBERS[self.member]]
