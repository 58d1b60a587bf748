"""The worker of chaos runs: notes what it has done, fails at times, and sometimes is slow."""

import os
import random
import time

from headrace import Record, Worker, lambda_handler
from headrace.record import DynamoDbPosition
from headrace.sources.dynamodb import change


class Noting(Worker):
    """Appends a line for each record that it has worked on; a line is written whole or not."""

    def setup(self) -> None:
        self._notes = os.open(os.environ["CHAOS_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._slow = float(os.environ["CHAOS_SLOW_SECONDS"])
        self._share = float(os.environ["CHAOS_SLOW_SHARE"])
        self._chance = random.Random(os.getpid())

    def process(self, record: Record) -> None:
        dice = self._chance.random()
        if dice < 0.02:
            raise ValueError("now and then")
        if dice > 1 - self._share:
            time.sleep(self._slow)
        os.write(self._notes, f"{key_and_number(record)}\n".encode())


def key_and_number(record: Record) -> str:
    """A message is a number of its group; an item has a number under its key."""
    if isinstance(record.position, DynamoDbPosition):
        made = change(record)
        return f"{made.keys['id']} {made.new['n']}"
    return f"{(record.key or b'-').decode()} {record.json()}"


handler = lambda_handler(Noting)
