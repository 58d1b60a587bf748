"""Progress for whoever watches: a bar on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

LINE_SECONDS = 10.0


class TrainingProgress:
    """Shows where a run is."""

    def __init__(self, steps: int, done: int, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._steps, self._said = steps, time.monotonic()
        self._bar = _bar(self._console) if self._console.is_terminal else None
        self._task = TaskID(0)
        if self._bar is not None:
            self._task = self._bar.add_task("", total=steps, completed=done)

    def __enter__(self) -> Self:
        """Start the bar."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.stop()

    def step(self, done: int, text: str) -> None:
        """Say that `done` steps are taken, and what the figures are."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, description=text)
        elif time.monotonic() - self._said >= LINE_SECONDS or done == self._steps:
            self._said = time.monotonic()
            self.say(f"step {done}/{self._steps}  {text}")

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._console.print(text, soft_wrap=True)


def _bar(console: Console) -> Progress:
    columns = (
        BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )  # fmt: skip
    return Progress(*columns, console=console)
