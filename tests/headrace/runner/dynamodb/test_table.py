"""The runner on a table of moto's: where it begins, what a record is, what is refused."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from headrace import Worker, lambda_handler, runner
from headrace.errors import SettingsError
from headrace.record import DynamoDbPosition
from headrace.runner.dynamodb.records import Changes
from headrace.runner.presence import SourceAbsent
from headrace.runner.protocol.events import dynamodb_event
from headrace.runner.stop import Stop
from headrace.sources.dynamodb import DynamoDb, change
from tests.support.dynamodb.tables import TableRunner, create_table, dynamodb, write
from tests.support.kinesis.runner import first_orders

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


class Runner(TableRunner):
    """A worker, put together with its table as the command does it."""

    def _run(self, note, chosen, stats, stop, *, by_event):
        class Noting(Worker):
            def process(self, record) -> None:
                note(record)

        runner.run(lambda_handler(Noting), self.source, chosen, stats=stats, stop=stop)


def test_a_restart_resumes_after_the_checkpoint(moto_server, tmp_path):
    create_table(moto_server, "restart")
    runner = Runner(moto_server, "restart", tmp_path)
    write(moto_server, "restart", range(40))
    assert runner.run(stop=Stop(max_records=15), batch_size=10).snapshot().committed == 15
    write(moto_server, "restart", range(40, 60))
    runner.run(until=60, batch_size=10, parallelization_factor=3)
    assert sorted(runner.values()) == list(range(60))
    assert first_orders(runner.values()) == [list(range(key, 60, 7)) for key in range(7)]


def test_latest_reads_only_what_comes_after_the_first_start(moto_server, tmp_path):
    arn = create_table(moto_server, "latest")
    runner = Runner(moto_server, arn, tmp_path)  # a stream by its ARN
    write(moto_server, "latest", range(5))
    runner.run(starting_position="LATEST")
    assert runner.values() == []
    write(moto_server, "latest", range(5, 9))
    # Nothing was committed, but the start is remembered, in the whole seconds that the service has.
    runner.run(stop=Stop(when_idle=1.5), starting_position="LATEST")
    assert runner.values()[-4:] == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("table", "message"), [("no-such-table", "no-such-table"), ("streamless", "has no stream")]
)
def test_what_cannot_be_read_is_one_clear_error(table, message, moto_server, tmp_path, monkeypatch):
    monkeypatch.setattr("headrace.runner.presence._PATIENCE_SECONDS", 0.1)
    if table == "streamless":
        create_table(moto_server, table, stream=False)
    with pytest.raises(SourceAbsent, match=message):
        Runner(moto_server, table, tmp_path).run()


def test_a_start_at_a_time_is_refused(moto_server, tmp_path):
    with pytest.raises(SettingsError, match="TRIM_HORIZON or LATEST"):
        Runner(moto_server, "t", tmp_path).run(
            starting_position="AT_TIMESTAMP", starting_position_timestamp=1
        )


def test_all_kinds_of_values_come_as_they_were_written(moto_server, tmp_path):
    create_table(moto_server, "values")
    item = {
        "id": {"S": "ü"},
        "exact": {"N": "1.0000000000000000000000000000000000001"},
        "bytes": {"B": b"\x00\xff"},
        "sets": {"L": [{"SS": ["a"]}, {"NS": ["1", "2"]}, {"BS": [b"\x01"]}]},
        "rest": {"M": {"yes": {"BOOL": True}, "none": {"NULL": True}}},
    }
    dynamodb(moto_server).put_item(TableName="values", Item=item)
    dynamodb(moto_server).delete_item(TableName="values", Key={"id": {"S": "ü"}})
    runner = Runner(moto_server, "values", tmp_path)
    runner.run(until=2)
    inserted, removed = map(change, runner.seen)
    assert inserted.new == {
        "id": "ü",
        "exact": Decimal("1.0000000000000000000000000000000000001"),
        "bytes": b"\x00\xff",
        "sets": [{"a"}, {Decimal(1), Decimal(2)}, {b"\x01"}],
        "rest": {"yes": True, "none": None},
    }
    assert (removed.event, removed.new, removed.old) == ("REMOVE", None, inserted.new)


class Stream:
    """What a record's maker asks of a stream."""

    table = "orders"
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"


def entry(**more) -> dict:
    """A change as GetRecords gives it."""
    keys = {"sort": {"N": "7"}, "id": {"B": b"\x00\xff"}}
    created = datetime(2026, 1, 1, tzinfo=UTC)
    about = {"Keys": keys, "SequenceNumber": "111", "ApproximateCreationDateTime": created}
    return {"eventID": "e", "eventName": "REMOVE", "dynamodb": about, **more}


def test_a_record_is_the_one_that_the_service_would_send():
    told = entry(userIdentity={"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"})
    ((record,),) = Changes(Stream, "shardId-1").chunks([told])
    assert record.position == DynamoDbPosition("orders", "shardId-1", "111")
    assert change(record).expired
    (message,) = dynamodb_event([record])["Records"]
    assert message["dynamodb"]["ApproximateCreationDateTime"] == 1767225600
    assert message["eventSourceARN"] == Stream.arn
    (again,) = DynamoDb().records({"Records": [message]})
    assert msgspec.structs.replace(again, position=record.position) == record
    assert str(again.position) == str(record.position)


def test_changes_are_fed_in_chunks_of_bounded_size():
    large = entry()
    large["dynamodb"] = large["dynamodb"] | {"NewImage": {"x": {"S": "y" * 400_000}}}
    assert list(map(len, Changes(Stream, "s").chunks([large] * 7))) == [3, 3, 1]
    assert list(map(len, Changes(Stream, "s").chunks([entry()] * 1500))) == [1000, 500]
