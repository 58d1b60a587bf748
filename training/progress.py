"""Progress of a long job: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")

_LINES = 5


def track(steps: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Hand on the steps, and show on standard error how many are done.

    Args:
        steps: what to go through.
        total: how many there are.
        label: what is being done, in a few words.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            yield from progress.track(steps, total=total, description=label)
    else:
        yield from _lines(steps, total, label)


def _lines(steps: Iterable[T], total: int, label: str) -> Iterator[T]:
    for done, step in enumerate(steps, start=1):
        yield step
        if done * _LINES // total > (done - 1) * _LINES // total:
            sys.stderr.write(f"{label}: {done}/{total}\n")
            sys.stderr.flush()
