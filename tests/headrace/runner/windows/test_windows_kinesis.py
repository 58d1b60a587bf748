"""Tumbling windows on a stream: closed by the clock, checkpointed only then."""

import uuid

import pytest

from headrace import WindowWorker, Worker, lambda_handler, runner
from headrace.errors import SettingsError
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop


@pytest.fixture
def stream(aws):
    client = aws("kinesis")
    name = f"clicks-{uuid.uuid4().hex[:8]}"
    client.create_stream(StreamName=name, ShardCount=1)

    def put(*values):
        return [
            client.put_record(StreamName=name, Data=value, PartitionKey="k")["SequenceNumber"]
            for value in values
        ]

    return name, put


def run(stream, folder, function, **settings):
    chosen = {"tumbling_window_in_seconds": 1, "invoke": "event", "log_level": "ERROR"}
    runner.run(
        function,
        KinesisSource(stream=stream, checkpoints=str(folder / "checkpoints.sqlite")),
        MappingSettings(**chosen | settings),
        stop=Stop(when_idle=1.0),
    )


def test_a_window_is_closed_when_it_is_over_and_the_run_waits_for_it(stream, tmp_path):
    name, put = stream
    put(b"1", b"2", b"3")
    events, totals = [], []

    def function(event, context):
        events.append(event)
        count = event["state"].get("count", 0) + len(event["Records"])
        if event["isFinalInvokeForWindow"]:
            totals.append(count)
        return {"state": {"count": count}}

    run(name, tmp_path, function)
    assert sum(totals) == 3  # the records may lie on both sides of a full second
    assert {event["shardId"] for event in events} == {"shardId-000000000000"}
    events.clear()
    run(name, tmp_path, function)
    assert events == []  # all of it was committed once its window was closed


def test_windows_need_a_function_of_events_and_one_batch_at_a_time(stream, tmp_path):
    name, _ = stream
    with pytest.raises(SettingsError, match="HEADRACE_PARALLELIZATION_FACTOR"):
        run(name, tmp_path, lambda event, context: None, parallelization_factor=2)
    counting = type("Counting", (Worker,), {"process": lambda self, record: None})
    for invoke in ("records", "event"):
        with pytest.raises(SettingsError, match="or a WindowWorker"):
            run(name, tmp_path, lambda_handler(counting), invoke=invoke)


@pytest.mark.parametrize("invoke", ["records", "event"])
def test_a_worker_of_windows_adds_each_record_once(invoke, stream, tmp_path):
    name, put = stream
    put(b"1", b"2", b"3")
    sums = []

    class Totals(WindowWorker):
        def add(self, state, record):
            return {"sum": state.get("sum", 0) + int(record.value)}

        def finish(self, state, window):
            sums.append((window.shard, state["sum"]))

    run(name, tmp_path, lambda_handler(Totals), invoke=invoke)
    assert sum(number for _, number in sums) == 6
    assert {shard for shard, _ in sums} == {"shardId-000000000000"}
    with pytest.raises(SettingsError, match="is to be set: Totals needs it"):
        run(name, tmp_path, lambda_handler(Totals), invoke=invoke, tumbling_window_in_seconds=0)


def test_a_queue_has_no_windows(aws):
    aws("sqs").create_queue(QueueName="clicks")
    kind = type("Idle", (WindowWorker,), {"add": lambda _, state, record: {**state, record.id: 1}})
    handler = lambda_handler(kind)
    with pytest.raises(SettingsError, match="is to be set: Idle needs it"):
        runner.run(handler, runner.SqsSource(queue="clicks"), MappingSettings(log_level="ERROR"))
