"""One life of a runner: the parts of the real one, without threads, on a clock that is set."""

import math

from msgspec.structs import replace

from headrace.log import logger
from headrace.runner.backoff import Backoff
from headrace.runner.delivery.deliver import Cuts, Deliverer
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.function.types import Invoke
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.poller import Poller
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.stop import Stop
from headrace.sinks.base import Sink
from headrace.testing.clock import VirtualClock

# What the committer waits between two commits, and after each of a few that failed.
_PAUSES = (0.05, 0.2, 0.2, 0.2, 0.2)
_LEAST_SECONDS = 1e-6


class RunnerLife:
    """A runner from its start to its end, whose steps are taken one by one from outside.

    Args:
        poller: brings the records.
        invoke: delivers a batch.
        letters: where records go that are given up; None: nothing is given up.
        settings: of the mapping.
        clock: the time.
        isolates: whether the answers of `invoke` are about single records.
        source: whose rules hold.
        cuts: says where batches must be cut; None: nowhere.
    """

    def __init__(
        self,
        poller: Poller,
        invoke: Invoke,
        letters: Sink | None,
        settings: MappingSettings,
        clock: VirtualClock,
        *,
        isolates: bool,
        source: SourceKind = "kafka",
        cuts: Cuts | None = None,
    ) -> None:
        if letters is not None:  # the rules for attempts ask whether there is a place
            settings = replace(settings, dead_letter_url=settings.destination_url or "memory:")
        log, stats = logger("runner", settings.log_level), Stats()
        retries, age = settings.retries(source), settings.maximum_record_age_in_seconds
        steps = settings.retry_backoff_seconds, settings.retry_backoff_max_seconds
        deliverer = Deliverer(
            invoke,
            RetryLimits(retries, age, clock.since_epoch),
            None if letters is None else FailureDestination(letters),
            stats,
            log,
            isolate=isolates,
            bisect=settings.bisect_batch_on_function_error,
            cuts=cuts,
        )
        self._clock = clock
        self._rests = 0
        self._stats = stats
        self._mapping = EventSourceMapping(
            # What has not ended when a partition is given back does not end while that waits.
            replace(settings, drain_timeout_seconds=0.0),
            poller,
            deliverer,
            stats,
            Stop(),
            log,
            source=source,
            clock=clock,
            strides=False,
            backoff=Backoff(*steps, jitter=0.0),
        )
        self._mapping.__enter__()

    def attempt_next(self) -> bool:
        """Attempt the batch whose turn it is. Returns False if none is ready."""
        if not self._mapping.attempt_next():
            return False
        self._rests = 0
        return True

    def poll(self, wait: float) -> None:
        """Poll once, waiting up to `wait` seconds of real time, and commit what is due."""
        self._mapping.poll(wait)

    @property
    def polled(self) -> int:
        """Return how many records were polled."""
        return self._stats.snapshot().polled

    @property
    def is_idle(self) -> bool:
        """Return whether everything that was polled is done and committed."""
        return self._mapping.demand().idle

    @property
    def is_ready(self) -> bool:
        """Return whether a batch is ready."""
        return self._mapping.demand().due_in <= 0

    def rest(self, until: float) -> bool:
        """Let the time pass until something may happen.

        Returns:
            False if nothing will happen by itself, or not before `until`, which it is then.
        """
        # The committer has pauses of its own, of which the dispatcher knows nothing.
        pause = _PAUSES[self._rests] if self._rests < len(_PAUSES) else math.inf
        step = min(max(self._mapping.demand().due_in, _LEAST_SECONDS), pause)
        self._rests += 1
        if step == math.inf:
            return False
        if self._clock.now + step > until:
            self._clock.now = max(self._clock.now, until)
            return False
        self._clock.now += step
        return True

    def leave(self) -> None:
        """End in order: commit what is done, and leave the group."""
        self._mapping.__exit__(None, None, None)
