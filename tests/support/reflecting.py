"""A worker that answers with the record's own words, and what it is given and logs."""

import json
import time
from pathlib import Path

from headrace import Record, Reject, Worker

EVENTS = Path(__file__).parents[1] / "events"


def load(name):
    """An event as its source sends it."""
    return json.loads((EVENTS / f"{name}.json").read_text())


class Context:
    """What AWS Lambda passes beside the event, as far as workers look at it."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self):
        return int((self.end - time.monotonic()) * 1000)


class Reflecting(Worker):
    """Answers with the record's own words; fails and rejects on demand."""

    def process(self, record: Record):
        if record.value == b"fail" or record.key == b"bob":
            raise RuntimeError("on demand")
        if record.value == b"reject":
            raise Reject("on demand")
        return {"id": record.id}


def log_lines(capsys):
    """The lines of the log so far."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
