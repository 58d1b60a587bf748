"""A worker that notes every delivery in a file, at once, so that a kill cannot hide one."""

import os

from workers import Record, Worker, lambda_handler


class Noting(Worker):
    def setup(self) -> None:
        self._file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def process(self, record: Record) -> None:
        os.write(self._file, b"%s %s\n" % (record.key, record.value))


handler = lambda_handler(Noting)
