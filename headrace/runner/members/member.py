"""A member's side: it reports to its supervisor, and ends if that is gone."""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from headrace.forks import keep_from_others
from headrace.repeating import repeating
from headrace.runner.members import VARIABLE
from headrace.runner.members.report import Report, encode
from headrace.runner.monitoring.stats import Stats
from headrace.runner.stop import Stop

_SECONDS = 0.25


class Status(Protocol):
    """What a mapping says of itself."""

    def live(self) -> bool:
        """Whether its source is polled."""
        ...

    def ready(self) -> bool:
        """Whether it takes records."""
        ...


class Member:
    """Reports over a pipe.

    Args:
        number: which member this is, from 0.
        pipe: the file descriptor of its end that is written to.
        stop: is asked to stop once nobody reads there: the supervisor has been killed, and its
            members must not go on without it.

    Attributes:
        is_first: whether it says what all would say.
    """

    def __init__(self, number: int, pipe: int, stop: Stop) -> None:
        self.is_first = number == 0
        self._pipe = pipe
        self._stop = stop

    @classmethod
    def of(cls, environ: MutableMapping[str, str], stop: Stop) -> "Member | None":
        """Return the member that this process is; None if no supervisor has started it."""
        told = environ.pop(VARIABLE, None)  # what this process starts is no member
        if told is None:
            return None
        number, _, pipe = told.partition(":")
        keep_from_others(int(pipe))
        return cls(int(number), int(pipe), stop)

    @contextmanager
    def reporting(self, stats: Stats, status: Status) -> Iterator[None]:
        """Report within the context, first at its begin and last at its end."""
        tell = partial(self._tell, stats, status)
        tell()
        try:
            with repeating(tell, _SECONDS, "reports"):
                yield
        finally:
            tell()

    def _tell(self, stats: Stats, status: Status) -> None:
        report = Report(
            snapshot=stats.snapshot(),
            dead_letters=stats.dead_letters.latest_first(),
            live=status.live(),
            ready=status.ready(),
        )
        line = encode(report) + b"\n"
        try:
            while line:
                line = line[os.write(self._pipe, line) :]
        except BrokenPipeError:
            self._stop.request()
