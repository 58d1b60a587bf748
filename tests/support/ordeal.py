"""Runners at work while they, and what they read from, are harmed, by their progress."""

import random
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.support.notes import Notes
from tests.support.waiting import wait_until

_LEAD = 3000  # as much is ready to be read
_BLOCK = 600
_STALL_SECONDS = 180

Runner = subprocess.Popen[bytes]


class Ordeal:
    """Runners on one source.

    Args:
        total: how many pieces of work there are.
        runners: how many processes work at once.
        start: starts one, with its output in a file.
        feed: has pieces of work ready, by their numbers.
        notes: what the runners have worked on.
        log: of the runners.
    """

    def __init__(
        self,
        total: int,
        runners: int,
        start: Callable[[], Runner],
        feed: Callable[[range], None],
        notes: Notes,
        log: Path,
    ) -> None:
        self._total, self._count = total, runners
        self._start, self._feed = start, feed
        self._notes, self._log = notes, log
        self._chance = random.Random()
        self._runners: list[Runner] = []
        self._fed = 0

    def run(self, kills: int, stops: int, others: Sequence[Callable[[], None]] = ()) -> None:
        """Harm the runners as they come along, in any order, until all is worked on.

        Args:
            kills: how often one is ended by SIGKILL, and another one started.
            stops: the same, by SIGTERM.
            others: other harms, each once.
        """
        harms = [partial(self._replace, signal.SIGKILL)] * kills
        harms += [partial(self._replace, signal.SIGTERM)] * stops
        harms += others
        self._chance.shuffle(harms)
        self._keep_fed(0)
        self._runners = [self._start() for _ in range(self._count)]
        for number, harm in enumerate(harms, 1):
            self._go_on(self._total * number // (len(harms) + 1))
            harm()
        self._go_on(self._total)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Have no runner do anything meanwhile."""
        for runner in self._runners:
            runner.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for runner in self._runners:
                runner.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ask the runners to end."""
        for runner in self._runners:
            runner.terminate()
            assert runner.wait(60) in {0, -signal.SIGTERM}  # it may just have begun to start

    def end(self) -> None:
        """Leave nothing behind."""
        for runner in self._runners:
            runner.kill()
            runner.wait()

    def _go_on(self, count: int) -> None:
        """Wait until so many pieces are worked on, and keep others ready."""
        while (done := self._notes.count()) < count:
            self._keep_fed(done)
            wait_until(
                lambda seen=done: self._notes.count() > seen,
                _STALL_SECONDS,
                every=0.05,
                why=self._missing,
            )

    def _keep_fed(self, done: int) -> None:
        while self._fed < min(self._total, done + _LEAD):
            block = range(self._fed, min(self._total, self._fed + _BLOCK))
            self._feed(block)
            self._fed = block.stop

    def _missing(self) -> str:
        return f"{self._notes.count()} of {self._fed} done; {self._log.read_text()[-3000:]}"

    def _replace(self, how: signal.Signals) -> None:
        """Take the one that has been at work longest: one that only begins has nothing to lose."""
        runner = self._runners[0]
        runner.send_signal(how)
        runner.wait(60)
        self._runners = [*self._runners[1:], self._start()]
