"""Runners of one group that are killed, one after the other, while records become results.

CHAOS_RECORDS and CHAOS_KILLS say how many records there are, and how many runners are killed.
"""

import os
import random
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.support.runner_process import start_runner
from tests.support.waiting import wait_until

RECORDS = int(os.environ.get("CHAOS_RECORDS", "2000"))
KILLS = int(os.environ.get("CHAOS_KILLS", "3"))
PATIENCE_S = 60.0 + RECORDS / 100  # a busy machine does some hundred a second


class KilledRunners:
    """Runner processes of one group.

    Args:
        bootstrap: the broker.
        topic: what they read: the numbers below RECORDS.
        url: of the sink, which gets a result for each.
        folder: for notes and logs.
        results: returns how many results there are, and how many differ.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        url: str,
        folder: Path,
        results: Callable[[], tuple[int, int]],
    ) -> None:
        self._notes = folder / "notes"
        self._notes.touch()
        self._results = results
        self._log = folder / "log"
        self._start = partial(
            start_runner,
            *("tests.support.workers.rows", bootstrap, topic, "--sink-url", url),
            *("--batch-size", "50", "--function-concurrency", "2"),
            environ={"NOTES": str(self._notes)},
            log=self._log,
        )

    def kill_in_the_middle(self, disturb: Callable[[], None] = lambda: None) -> None:
        """Start one, and kill it when it has done a part; `disturb` just before."""
        process = self._start()
        try:
            most = RECORDS // (KILLS + 2)
            more = self._results()[0] + random.randint(most // 2, most)
            self._until(min(RECORDS - most // 2, more))
            disturb()
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    def run_to_the_end(self) -> None:
        """Start one that does the rest, and ends in order."""
        process = self._start()
        try:
            self._until(RECORDS)
        finally:
            process.terminate()
            process.wait(60)

    def check(self) -> None:
        """Each record has its result once, though many came twice."""
        assert self._results() == (RECORDS, RECORDS)
        assert len(self._notes.read_text().split()) > RECORDS + RECORDS // 30

    def _until(self, count: int) -> None:
        def enough() -> bool:
            return self._results()[0] >= count

        wait_until(enough, PATIENCE_S, every=0.02, why=lambda: self._log.read_text()[-3000:])
