"""A handler that needs a processor for each record, and notes when it was at it."""

import os
import time
from pathlib import Path

from headrace import Record, Worker, lambda_handler

_NOTE_EVERY = 50


class BurningWorker(Worker):
    """Takes BURN_US of processor time for a record; its notes go to a file of this process."""

    def setup(self) -> None:
        """Open the file."""
        self._seconds = int(os.environ["BURN_US"]) / 1e6
        self._notes = (Path(os.environ["BURN_NOTES"]) / str(os.getpid())).open("a", buffering=1)
        self._count = 0

    def process(self, record: Record) -> None:
        """Handle one record."""
        begun = time.thread_time()
        while time.thread_time() - begun < self._seconds:
            pass
        self._count += 1
        if self._count % _NOTE_EVERY == 0:
            self._notes.write(f"{time.monotonic()}\n")


handler = lambda_handler(BurningWorker)
NOTE_EVERY = _NOTE_EVERY
