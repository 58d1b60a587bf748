"""Aggregates on a stream: every user record once, also over restarts, splits and switches."""

import hashlib

import pytest

from headrace.runner.kinesis.records import Unpacking
from headrace.runner.kinesis.stream import Stream
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.start import ShardStart
from headrace.runner.stop import Stop
from headrace.testing.moto_server import create_stream, kinesis_client, wait_until_active
from tests.support.kinesis.kpl import aggregate
from tests.support.kinesis.runner import StreamRunner

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


def put_aggregates(endpoint: str, stream: str, *ranges: range) -> None:
    client = kinesis_client(endpoint)
    for numbers in ranges:
        data = aggregate([(f"k{n % 7}", None, b"%d" % n) for n in numbers])
        client.put_record(StreamName=stream, Data=data, PartitionKey="k0")


def committed(runner: StreamRunner, folder) -> list[tuple[bool, int | None]]:
    """Of each shard: whether something is committed, and how far inside an aggregate."""
    with Checkpoints(folder / "checkpoints.sqlite") as checkpoints:
        identity = Stream(runner.client, runner.source.stream).identity
        found = checkpoints.load(identity).values()
        return [(c.sequence_number is not None, c.sub_sequence_number) for c in found]


@pytest.mark.parametrize("stand_in", ["moto_server", "kinesis_mock"])
def test_a_restart_goes_on_inside_an_aggregate(stand_in, request, tmp_path):
    endpoint = request.getfixturevalue(stand_in)
    create_stream(endpoint, "inside", 1)
    put_aggregates(endpoint, "inside", range(10), range(10, 30))
    runner = StreamRunner(endpoint, "inside", tmp_path)
    for limit, place in ((4, 3), (6, 9), (13, 12)):  # inside, at the end, inside the next
        runner.run(stop=Stop(max_records=limit), batch_size=3)
        assert committed(runner, tmp_path) == [(True, place)]
    runner.run(until=30, batch_size=3)
    assert runner.values() == list(range(30))
    assert [r.key for r in runner.seen] == [b"k%d" % (n % 7) for n in range(30)]


def test_plain_records_and_aggregates_keep_their_order(moto_server, tmp_path):
    create_stream(moto_server, "mixed", 1)
    client = kinesis_client(moto_server)
    client.put_record(StreamName="mixed", Data=b"0", PartitionKey="k")
    put_aggregates(moto_server, "mixed", range(1, 4))
    client.put_record(StreamName="mixed", Data=b"4", PartitionKey="k")
    runner = StreamRunner(moto_server, "mixed", tmp_path)
    runner.run(until=5)
    assert runner.values() == [0, 1, 2, 3, 4]
    assert committed(runner, tmp_path) == [(True, None)]


def test_a_failed_user_record_alone_is_tried_again(moto_server, tmp_path):
    create_stream(moto_server, "poison", 1)
    put_aggregates(moto_server, "poison", range(14))
    runner = StreamRunner(moto_server, "poison", tmp_path)
    tries = iter(range(10))

    def fail_twice_at_3(record):
        if record.value == b"3" and next(tries) < 2:
            raise ValueError("not yet")

    runner.run(fail_twice_at_3, until=14)
    assert sorted(runner.values()) == list(range(14))
    assert [n for n in runner.values() if n % 7 == 3] == [3, 10]


@pytest.mark.parametrize(
    ("by_event", "source"), [(True, {}), (False, {"kpl_deaggregation": "off"})]
)
def test_a_function_that_takes_events_gets_the_aggregate_as_on_aws(
    by_event, source, moto_server, tmp_path
):
    stream = f"whole-{by_event}"
    create_stream(moto_server, stream, 1)
    put_aggregates(moto_server, stream, range(5))
    runner = StreamRunner(moto_server, stream, tmp_path, **source)
    runner.run(until=1, by_event=by_event)
    (record,) = runner.seen
    assert record.value == aggregate([(f"k{n % 7}", None, b"%d" % n) for n in range(5)])
    assert record.key == b"k0"
    assert record.position.sub_sequence_number is None


def test_an_aggregate_that_was_committed_in_part_is_not_lost_when_switched_off(
    moto_server, tmp_path
):
    create_stream(moto_server, "switched", 1)
    put_aggregates(moto_server, "switched", range(5))
    StreamRunner(moto_server, "switched", tmp_path).run(stop=Stop(max_records=2))
    off = StreamRunner(moto_server, "switched", tmp_path, kpl_deaggregation="off")
    off.run(until=1)
    assert len(off.seen) == 1


@pytest.mark.parametrize(("mode", "left_out"), [("kcl", 2), ("all", 0)])
def test_user_records_of_another_shard_are_left_out_after_a_split(
    mode, left_out, kinesis_mock, tmp_path
):
    """The KPL sends them again, to where they belong; other producers may not."""
    stream = f"split-{mode}"
    create_stream(kinesis_mock, stream, 1)
    client = kinesis_client(kinesis_mock)
    middle = str(2**127)
    low, high = str(5), str(2**128 - 5)
    before = aggregate([("a", low, b"0"), ("b", high, b"1")])
    after = aggregate([("a", low, b"2"), ("b", high, b"3"), ("c", high, b"4"), ("d", "9", b"5")])
    client.put_record(StreamName=stream, Data=before, PartitionKey="a", ExplicitHashKey=low)
    (shard,) = client.list_shards(StreamName=stream)["Shards"]
    client.split_shard(StreamName=stream, ShardToSplit=shard["ShardId"], NewStartingHashKey=middle)
    wait_until_active(client, stream)
    client.put_record(StreamName=stream, Data=after, PartitionKey="a", ExplicitHashKey=low)
    runner = StreamRunner(kinesis_mock, stream, tmp_path, kpl_deaggregation=mode)
    runner.run(until=6 - left_out)
    assert runner.values() == ([0, 1, 2, 5] if left_out else [0, 1, 2, 3, 4, 5])


def entry(data: bytes, number: int = 1) -> dict:
    from datetime import UTC, datetime

    arrival = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "Data": data,
        "PartitionKey": "outer",
        "SequenceNumber": str(number),
        "ApproximateArrivalTimestamp": arrival,
    }


def test_the_places_of_user_records_do_not_depend_on_what_is_left_out():
    keys = [f"k{n}" for n in range(20)]
    data = aggregate([(key, None, b"%d" % n) for n, key in enumerate(keys)])
    within = range(2**127)
    start = ShardStart("AT_SEQUENCE_NUMBER", "1", sub_sequence_number=9)
    unpacking = Unpacking("s", "a", start, deaggregate=True, within=within)
    (chunk,) = unpacking.chunks([entry(data)])
    inside = [n for n, key in enumerate(keys) if hashlib.md5(key.encode()).digest()[0] < 128]
    assert [r.position.sub_sequence_number for r in chunk] == [n for n in inside if n > 9]
    assert [int(r.value) for r in chunk] == [n for n in inside if n > 9]
    assert unpacking.left_out == 20 - len(inside)


def test_records_come_in_chunks_so_that_an_answer_is_never_held_twice():
    unpacking = Unpacking("s", "a", ShardStart(), deaggregate=True, within=None)
    big = aggregate([("k", None, b"x" * 100)] * 3000)
    entries = [entry(b"y" * 400_000, n) for n in range(4)] + [entry(big, 4), entry(b"z", 5)]
    chunks = list(unpacking.chunks(entries))
    assert [len(chunk) for chunk in chunks] == [3, 3001, 1]
