"""What a run did, in one line of its log at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from headrace.log import Log
from headrace.runner.monitoring.watched import Watched

_ALWAYS = ("polled", "done", "dead_lettered", "retried", "committed")
_IF_ANY = ("filtered_out", "dropped", "lost")


@contextmanager
def told_at_its_end(stats: Watched, log: Log) -> Iterator[None]:
    """Log the counts and the seconds of what runs within the context, however it ends.

    Args:
        stats: counts what happens there.
        log: takes the line.
    """
    begun = time.monotonic()
    try:
        yield
    finally:
        now = stats.snapshot()
        counts = {name: getattr(now, name) for name in _ALWAYS}
        unusual = {name: getattr(now, name) or None for name in _IF_ANY}
        seconds = round(time.monotonic() - begun, 3)
        log.info("the run has ended", **counts, **unusual, seconds=seconds)
