"""The command `headrace dead-letters` in tests, and letters to put before it."""

import json

from headrace.cli import main
from headrace.dead_letters import letter as dead_letter
from headrace.errors import Reject
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryAttemptsExhausted
from headrace.sinks import open_sink
from tests.support.runner import kafka_record

EXHAUSTED = RetryAttemptsExhausted("3 attempts", 3, ValueError("poison"))
REJECTED = kafka_record(1, b'{"a": 1}', b"k1", headers=(("h", b"\xff"), ("h", b"")), timestamp=5)
GIVEN_UP = kafka_record(2, None, None, timestamp=6)


def run(*arguments):
    """The exit code of `headrace dead-letters`."""
    return main(["dead-letters", *map(str, arguments)])


def fill(url, *records, give_up=()):
    """Write a Reject's letter for each record, and a failure record for those to give up."""
    sink = open_sink(url)
    for record in records:
        dead_letter.write(sink, record, Reject("not a number", errors=[{"pointer": "/a"}]))
    refused = FailureDestination(sink).write(list(give_up), [EXHAUSTED] * len(give_up))
    assert not any(refused)
    sink.close()


def replayed(path):
    """The messages that a replay has written to a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]
