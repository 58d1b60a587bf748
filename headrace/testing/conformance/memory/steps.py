"""A runner whose steps are taken one by one, on a clock that moves only while it waits."""

import time

from headrace.runner.settings import MappingSettings
from headrace.runner.way import Way
from headrace.testing.clock import VirtualClock
from headrace.testing.conformance.arrivals import Arrivals
from headrace.testing.conformance.memory.bench import Bench
from headrace.testing.memory_sink import MemorySink
from headrace.testing.runner_life import RunnerLife

_REAL_SECONDS = 30.0
_MOMENT = 0.001
_LONGEST = 1e6  # on the clock


def run_in_steps(
    way: Way,
    bench: Bench,
    arrivals: Arrivals,
    settings: MappingSettings,
    letters: MemorySink | None,
    clock: VirtualClock,
) -> None:
    """Run until everything is done and committed.

    Raises:
        TimeoutError: it does not come to rest.
    """
    arrivals.until(clock.now)
    life = RunnerLife(
        way.poller,
        way.invoke,
        letters,
        settings,
        clock,
        isolates=way.isolates,
        source=bench.kind,
        cuts=way.cuts,
    )
    try:
        _go_on(life, bench, arrivals, clock)
    finally:
        life.leave()


def _go_on(life: RunnerLife, bench: Bench, arrivals: Arrivals, clock: VirtualClock) -> None:
    give_up_at = time.monotonic() + _REAL_SECONDS
    while time.monotonic() < give_up_at:
        arrivals.until(clock.now)
        life.poll(0.0)
        if not bench.is_settled(life.polled):
            time.sleep(_MOMENT)  # a reader is at it, on a thread of its own
        elif life.attempt_next():
            continue
        elif life.is_idle and bench.is_read and arrivals.next_at is None:
            return
        elif life.is_idle and not bench.is_read:
            time.sleep(_MOMENT)  # what comes next is not opened yet
        elif not life.rest(arrivals.next_at or _LONGEST):
            clock.now = max(clock.now, arrivals.next_at or clock.now)
            time.sleep(_MOMENT)
    raise TimeoutError("the runner does not come to rest")
