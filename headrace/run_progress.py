"""A live line on the terminal while a runner works."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from workers.runner.stats import Snapshot, Stats

_SECONDS = 0.25


@contextmanager
def progress(stats: Stats, *, shown: bool) -> Iterator[None]:
    """Show the counts on standard error until the context ends; without a terminal, show none."""
    if not shown or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is a line to draw
    from rich.live import Live  # noqa: PLC0415

    ended = threading.Event()
    with Live(console=Console(stderr=True), auto_refresh=False) as live:

        def draw() -> None:
            before = stats.snapshot()
            while not ended.wait(_SECONDS):
                now = stats.snapshot()
                live.update(describe(now, (now.done - before.done) / _SECONDS), refresh=True)
                before = now

        thread = threading.Thread(target=draw, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            live.update(describe(stats.snapshot(), 0), refresh=True)


def describe(now: Snapshot, per_second: float) -> str:
    """The counts in one line."""
    return (
        f"polled {now.polled:,}  done {now.done:,} ({per_second:,.0f}/s)  retried {now.retried:,}"
        f"  dead letters {now.dead_lettered:,}  committed {now.committed:,}"
        f"  lag {sum(now.lag.values()):,}"
    )
