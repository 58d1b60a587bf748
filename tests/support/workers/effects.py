"""A worker for `headrace run` whose effect is @once: it notes when each begins and ends.

NOTES: the file that gets the notes.
"""

import os
import time

from headrace import Record, Worker, lambda_handler, once
from headrace.idempotency import payload_digest


class Effects(Worker):
    """Has an effect of a few milliseconds for each number."""

    def setup(self) -> None:
        """Open the notes."""
        self.notes = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND)

    @once(key=payload_digest)
    def process(self, record: Record) -> int:
        """Have the effect."""
        number = int(record.value or b"")
        self._note(number, "begin")
        time.sleep(0.004)
        self._note(number, "end")
        return number

    def _note(self, number: int, what: str) -> None:
        os.write(self.notes, f"{number} {what} {time.time()} {os.getpid()}\n".encode())


handler = lambda_handler(Effects)
