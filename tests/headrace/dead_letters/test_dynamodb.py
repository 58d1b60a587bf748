"""Changes of a table that were given up: written, listed, read again, put elsewhere."""

import json

import pytest

from headrace.dead_letters.reading import letters
from headrace.dead_letters.replay import Replay
from headrace.errors import SettingsError
from headrace.record import Record
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryAttemptsExhausted
from headrace.sinks.base import ContentRefused
from headrace.sources.dynamodb import change
from tests.support.dynamodb.tables import TableRunner, create_table, write

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


class Box:
    """A sink that keeps what it takes; large messages only if it is told so."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.most = most
        self.taken: list[bytes] = []

    def send(self, messages):
        refusals = [ContentRefused("large") if len(m.value) > self.most else None for m in messages]
        self.taken += [m.value for m, no in zip(messages, refusals, strict=True) if no is None]
        return refusals

    def close(self) -> None: ...


@pytest.fixture
def changes(moto_server, tmp_path, monkeypatch) -> list[Record]:
    """Three changes of a table, as the runner read them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_server)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    table = f"letters-{tmp_path.name}"
    create_table(moto_server, table)
    write(moto_server, table, range(3))
    runner = TableRunner(moto_server, table, tmp_path)
    runner.run(until=3)
    return runner.seen


def given_up(box: Box, record: Record) -> bytes:
    reason = RetryAttemptsExhausted("3 attempts", 3, ValueError("no"))
    FailureDestination(box).write([record], [reason])
    return box.taken[-1]


def test_a_failure_record_has_the_services_form_and_gives_the_change_back(changes):
    text = given_up(Box(), changes[1])
    told = json.loads(text)
    position = changes[1].position
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert (
        told["DDBStreamBatchInfo"]
        | {
            "shardId": position.shard,
            "startSequenceNumber": position.sequence_number,
            "endSequenceNumber": position.sequence_number,
            "batchSize": 1,
        }
        == told["DDBStreamBatchInfo"]
    )
    assert f":table/{position.table}/stream/" in told["DDBStreamBatchInfo"]["streamArn"]
    (letter,) = letters(text)
    assert letter.source == "dynamodb"
    assert letter.record() == changes[1]


def test_a_failure_record_without_the_change_has_it_read_again(changes):
    text = given_up(Box(most=900), changes[1])
    assert "payload" not in json.loads(text)
    (letter,) = letters(text)
    replay = Replay("file:letters.jsonl", "stdout:")
    assert replay._records(letter) == [changes[1]]
    assert change(replay._records(letter)[0]).new["n"] == 1


def test_the_services_own_record_stands_for_a_whole_batch(changes):
    first, last = changes[0].position, changes[2].position
    info = json.loads(given_up(Box(most=900), changes[0]))["DDBStreamBatchInfo"]
    text = json.loads(given_up(Box(most=900), changes[0]))
    text["DDBStreamBatchInfo"] = info | {
        "endSequenceNumber": last.sequence_number,
        "batchSize": 3,
        "streamArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/{first.table}/stream/x",
    }
    (letter,) = letters(json.dumps(text).encode())
    assert (letter.position, letter.last) == (first, last)
    assert Replay("file:letters.jsonl", "stdout:")._records(letter) == changes


def test_changes_that_are_gone_and_places_that_take_none_are_one_clear_error(changes):
    record = changes[0]
    told = json.loads(given_up(Box(most=900), record))
    told["DDBStreamBatchInfo"] |= {"shardId": "shardId-00000000000000000000-00000000"}
    (letter,) = letters(json.dumps(told).encode())
    with pytest.raises(SettingsError, match="gone"):
        Replay("file:letters.jsonl", "stdout:")._records(letter)
    with pytest.raises(SettingsError, match="takes no records; say where it goes with --to"):
        Replay("file:letters.jsonl", None).target(letter)
