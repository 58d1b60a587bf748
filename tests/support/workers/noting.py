"""A worker that notes every delivery in a file, at once, so that a kill cannot hide one."""

import os
import time

from headrace import Record, Worker, lambda_handler


class Noting(Worker):
    """Takes its time for each record, then notes its key, its value and this process."""

    def setup(self) -> None:
        self._file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._seconds = float(os.environ["SECONDS"])

    def process(self, record: Record) -> None:
        time.sleep(self._seconds)
        os.write(self._file, b"%s %s %d\n" % (record.key, record.value, os.getpid()))


handler = lambda_handler(Noting)
