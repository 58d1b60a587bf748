"""A live view on the terminal while a runner works."""

import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from headrace.extras import needs
from headrace.repeating import repeating
from headrace.runner.monitoring.stats import Snapshot
from headrace.runner.monitoring.watched import Watched

_SECONDS = 0.5
_RATE_OVER = 5  # this many turns: steady enough to be read
_OTHER_LINES = 6  # of the terminal: headings, counts, caption, and some room for the log


@contextmanager
def progress(stats: Watched, *, shown: bool) -> Iterator[None]:
    """Show counts and partitions on standard error until the context ends.

    Without a terminal nothing is shown.

    Raises:
        HeadraceError: The view was asked for, and the extra `progress` is not installed.
    """
    if not shown:
        yield
        return
    try:
        from rich.console import Console, Group  # noqa: PLC0415 - only if a view is asked for
        from rich.live import Live  # noqa: PLC0415

        from headrace.commands.run.status_view import table  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs("progress", error) from None
    if not sys.stderr.isatty():
        yield
        return
    console = Console(stderr=True)
    rate = Rate()

    def view() -> Group:
        now = stats.snapshot()
        counts = describe(now, rate(now.done, time.monotonic()))
        if not now.partitions:  # before the first assignment, and at the end
            return Group(counts)
        return Group(counts, table(now, max(1, console.size.height - _OTHER_LINES)))

    # The log goes above the view, but only where it would come to this terminal anyway.
    with Live(console=console, auto_refresh=False, redirect_stdout=sys.stdout.isatty()) as live:

        def draw() -> None:
            live.update(view(), refresh=True)

        try:
            with repeating(draw, _SECONDS, "progress"):
                yield
        finally:
            draw()


def describe(now: Snapshot, per_second: float) -> str:
    """Return the counts as a line, and unusual ones as a second line."""
    usual = (
        f"polled {now.polled:,}  done {now.done:,} ({per_second:,.0f}/s)"
        f"  committed {now.committed:,}  {_behind(now)}"
    )
    unusual = {
        "retried": now.retried,
        "dead letters": now.dead_lettered,
        "filtered out": now.filtered_out,
        "dropped": now.dropped,
        "lost": now.lost,
    }
    return "\n".join((usual, "  ".join(f"{k} {n:,}" for k, n in unusual.items() if n))).rstrip()


def _behind(now: Snapshot) -> str:
    if now.age:
        return f"behind {max(now.age.values()) / 1000:,.1f} s"
    return f"lag {sum(now.lag.values()):,}"


class Rate:
    """Records a second over the last few turns."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=_RATE_OVER)

    def __call__(self, count: int, at: float) -> float:
        """Note the count at a time in seconds; 0 for the first one."""
        self._seen.append((at, count))
        (begin, before), (end, after) = self._seen[0], self._seen[-1]
        return (after - before) / (end - begin) if end > begin else 0.0
