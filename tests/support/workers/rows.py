"""A worker for `headrace run`: a row for each record; one in thirty fails on its first tries.

NOTES: a file that gets a line for each record, each time it is processed.
"""

import os
import random
import time

from headrace import Record, Worker, lambda_handler


class Rows(Worker):
    """Gives each record's number as a row, late and with failures."""

    def setup(self) -> None:
        """Open the notes."""
        self.notes = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND)

    def process(self, record: Record) -> dict[str, int]:
        """Return the row."""
        number = int(record.value or b"")
        os.write(self.notes, b"%d\n" % number)
        time.sleep(0.0005)
        if number % 30 == 7 and random.random() < 0.7:
            raise OSError("it waits for its next attempt, and others run ahead")
        return {"id": number}


handler = lambda_handler(Rows)
