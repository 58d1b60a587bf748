"""The worker of the chaos runs: notes what it has done, fails at times, and sometimes is slow."""

import os
import random
import time

from headrace import Record, Worker, lambda_handler


class Noting(Worker):
    """Appends a line for each record that it has worked on; a line is written whole or not."""

    def setup(self) -> None:
        self._notes = os.open(os.environ["CHAOS_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._slow = float(os.environ["CHAOS_SLOW_SECONDS"])
        self._chance = random.Random(os.getpid())

    def process(self, record: Record) -> None:
        dice = self._chance.random()
        if dice < 0.02:
            raise ValueError("now and then")
        if dice > 0.997:
            time.sleep(self._slow)
        group = (record.key or b"-").decode()
        os.write(self._notes, f"{group} {record.json()}\n".encode())


handler = lambda_handler(Noting)
