"""The Kafka poller: a consumer group's member whose partitions are channels of the mapping."""

import sys
import threading
import time
from collections.abc import Iterable, Sequence

from headrace.record import KafkaPosition, Position
from headrace.runner.demand import Demand
from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.bytes_ahead import BytesAhead
from headrace.runner.kafka.commits import OffsetCommits
from headrace.runner.kafka.consumer import BEGINNING, ConsumerError, GroupConsumer
from headrace.runner.kafka.feed import Feed
from headrace.runner.kafka.lag import Lag
from headrace.runner.kafka.log_ends import LogEnds
from headrace.runner.kafka.position_resets import PositionResets
from headrace.runner.kafka.rebalance import Rebalance
from headrace.runner.kafka.starting_position import StartingPositions
from headrace.runner.kafka.topic_watch import TopicWatch
from headrace.runner.poller import Intake, Settle

_IDLE_SECONDS = 0.2
_BUSY_SECONDS = 0.01
# The consumer takes the answer to a commit inside a call, and does not return for it.
_ANSWER_SECONDS = 0.001
# How long a full backlog may last before the partitions are paused: pausing throws away what was
# fetched ahead, so a handler that keeps up with its polls should never come to it.
_PATIENCE_SECONDS = 1.0
_CHUNK = 1_000
_LEAVE_SECONDS = 5.0
_BYTES_AHEAD = 16 * 1024 * 1024


class KafkaPoller:
    """Reads one topic, from one thread at a time: a consumer serves no second one meanwhile.

    Args:
        consumer: a member that is in no group yet.
        topic: its name.
        batch_size: of the mapping.
        begin_at: where a partition begins if the group has no position (see `starting_time`).
        bytes_ahead: of records that may be fetched and not done, at most.
        record_bytes: what a record may have, for all that is known before the first fetch.
        watch: says when the topic was made anew; None: it never is.
    """

    window = 0.5

    def __init__(
        self,
        consumer: GroupConsumer,
        topic: str,
        batch_size: int,
        begin_at: int = BEGINNING,
        *,
        bytes_ahead: int = _BYTES_AHEAD,
        record_bytes: int = 1,
        watch: TopicWatch | None = None,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._began_with = sys.maxsize
        self._enough = max(batch_size, _CHUNK)  # records that wait in full batches
        self._begin_at = begin_at
        self._bytes_ahead = bytes_ahead
        self._record_bytes = record_bytes
        self._watch = watch
        self._assignment = Assignment(consumer)
        self._commits = OffsetCommits(consumer)
        self._rebalance: Rebalance | None = None
        self._full_since: float | None = None

    @property
    def ready(self) -> bool:
        """Return whether the group has given its first assignment."""
        return self._rebalance is not None and self._rebalance.happened

    def start(self, intake: Intake) -> None:
        """Join the group."""
        self._intake = intake
        consumer, assignment, commits = self._consumer, self._assignment, self._commits
        self._ahead = BytesAhead(assignment, intake, self._bytes_ahead, self._record_bytes)
        looks = self._watch.look if self._watch else None
        starts = StartingPositions(consumer, self._begin_at, intake, self._began_with, looks)
        self._resets = PositionResets(assignment, commits, starts, intake)
        self._log_ends = LogEnds(assignment, commits, intake)
        self._feed = Feed(assignment, intake, self._ahead, self._log_ends, self._resets)
        self._lag = Lag(consumer, assignment, intake)
        self._rebalance = Rebalance(self._topic, assignment, commits, self._resets, intake)
        consumer.join(self._rebalance)

    def poll(self, wait: float) -> None:
        """Fetch while the handler has too little; go on polling, with partitions paused, after."""
        self._log_ends.work()  # of what came before: after the fetch, the handler comes first
        self._lag.work()
        if self._watch is not None and self._watch.work():
            self._resets.begin_anew()
        demand = self._intake.demand()
        backlog, blocked = demand.backlog, demand.blocked_on_commit
        # A partition that is blocked waits for an answer, which comes while the consumer is polled.
        soon = max(_ANSWER_SECONDS, self._commits.age) if blocked else _BUSY_SECONDS
        pause = min(wait, soon, _BUSY_SECONDS)
        # Where batches only wait to fill, more may be what they wait for.
        is_over = self._ahead.is_over() and (blocked or not demand.starving)
        if backlog > self._enough or is_over:
            self._poll_full(blocked=blocked)
            self._intake.wait(pause)
        else:
            self._full_since = None
            self._assignment.pause(demand.paused | self._ahead.heavy)
            timeout = pause if blocked else 0.0 if backlog else min(wait, _timeout(demand))
            fetched = self._consumer.fetch(self._ahead.chunk(_CHUNK), timeout)
            if not self._feed.take(fetched) and backlog and not blocked:
                self._intake.wait(pause)
        self._resets.work()

    def commit(self, positions: Sequence[Position]) -> None:
        """Commit the offset after each position and wait for it. Raises ConsumerError."""
        self._commits.confirm(_offsets_after(positions))

    def begin_commit(self, positions: Sequence[Position], settle: Settle) -> None:
        """Send a commit of the offset after each position."""
        offsets = _offsets_after(positions)
        lost = ConsumerError("the partition is no longer ours")
        self._commits.send(offsets, lambda answers: settle([answers.get(p, lost) for p in offsets]))

    def note_began_with(self, partitions: int) -> None:
        """Take in how many partitions the topic had when the group began; before the start."""
        self._began_with = partitions

    def let_go(self) -> None:
        """Close the client of a run that has not begun: its threads would look for brokers on."""
        if self._rebalance is None:
            self._consumer.close()

    def close(self) -> None:
        """Leave the group; without an answer from the broker, it ends our session for itself."""
        leaving = threading.Thread(target=self._consumer.close, name="leaving", daemon=True)
        leaving.start()
        leaving.join(_LEAVE_SECONDS)
        if leaving.is_alive():
            self._intake.log.warning("no broker took the leave from the group")

    def _poll_full(self, *, blocked: bool) -> None:
        now = time.monotonic()
        self._full_since = self._full_since or now
        out_of_patience = now - self._full_since > _PATIENCE_SECONDS
        if out_of_patience:
            self._assignment.pause(None)
        if out_of_patience or blocked:  # the answers to commits come with the polls
            self._feed.take(self._consumer.fetch(1, 0.0))


def _timeout(demand: Demand) -> float:
    """Return how long to wait for a message: shorter if something else may come up meanwhile."""
    longest = _IDLE_SECONDS if demand.idle else _BUSY_SECONDS
    return max(0.0, min(longest, demand.due_in))


def _offsets_after(positions: Iterable[Position]) -> dict[int, int]:
    return {p.partition: p.offset + 1 for p in positions if isinstance(p, KafkaPosition)}
