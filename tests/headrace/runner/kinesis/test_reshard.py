"""Shards that are split and merged while records come: nothing lost, each key in order."""

import logging
import threading
from collections import defaultdict
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from headrace.runner.kinesis.stream import Stream, hash_keys, is_child
from headrace.runner.shards.checkpoints import Checkpoints
from headrace.runner.shards.poller import ShardsPoller
from headrace.runner.shards.start import ShardStart
from headrace.runner.shards.stream import readable
from headrace.runner.stop import Stop
from headrace.testing.moto_server import create_stream, kinesis_client, wait_until_active
from tests.support.kinesis.runner import StreamRunner, first_orders
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


def shard(name: str, *parents: str) -> dict:
    names = dict(zip(("ParentShardId", "AdjacentParentShardId"), parents, strict=False))
    keys = {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
    return {"ShardId": name, "HashKeyRange": keys} | names


@pytest.mark.parametrize(
    ("finished", "expected"),
    [
        (set(), ["a"]),
        ({"a"}, ["b", "c"]),
        ({"a", "b"}, ["c"]),
        ({"a", "c"}, ["b"]),
        ({"a", "b", "c"}, ["d"]),
        ({"a", "b", "c", "d"}, []),
    ],
)
def test_a_shard_is_read_when_both_its_parents_are_done(finished, expected):
    shards = [shard("d", "b", "c"), shard("a"), shard("b", "a"), shard("c", "a")]
    assert [s["ShardId"] for s in readable(shards, finished)] == expected


def test_parents_that_have_gone_from_the_stream_hold_back_nothing():
    shards = [shard("c", "a", "b"), shard("d", "c")]
    assert [s["ShardId"] for s in readable(shards, set())] == ["c"]


def test_a_parent_that_a_listing_lacks_for_a_moment_is_waited_for_while_it_is_read():
    shards = [shard("b", "a")]
    assert readable(shards, finished=set(), reading={"a"}) == []
    assert readable(shards, finished={"a"}, reading=set()) == shards


def test_the_hash_keys_of_a_shard():
    assert hash_keys(shard("a")) == range(2**128)
    assert (is_child(shard("a")), is_child(shard("b", "a"))) == (False, True)


class ListingClient:
    """A stream of many shards, listed as the service does: a page names its stream or a token."""

    def describe_stream_summary(self, **asked):
        from datetime import UTC, datetime

        summary = {
            "StreamARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/large",
            "StreamName": "large",
            "StreamCreationTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
        }
        return {"StreamDescriptionSummary": summary, "ResponseMetadata": {"HTTPHeaders": {}}}

    def list_shards(self, **asked):
        if len(asked) != 1:
            raise refused("NextToken and StreamARN cannot be provided together.")
        page = int(asked.get("NextToken", 0))
        answer = {"Shards": [shard(f"shardId-{page}{n:03}") for n in range(1000)]}
        return answer | ({"NextToken": str(page + 1)} if page < 2 else {})


def refused(message: str) -> ClientError:
    error = {"Code": "InvalidArgumentException", "Message": message}
    return ClientError({"Error": error}, "ListShards")


def test_a_stream_of_more_than_a_thousand_shards_is_listed_whole():
    assert len({s["ShardId"] for s in Stream(ListingClient(), "large").shards()}) == 3000


class Producer:
    """Puts numbers, each key in order, while shards come and go."""

    def __init__(self, endpoint: str, stream: str, count: int) -> None:
        self.client = kinesis_client(endpoint)
        self.stream = stream
        self.count = count
        self.done = 0
        self.thread = threading.Thread(target=self._produce)

    def _produce(self) -> None:
        for number in range(self.count):
            wait_until(lambda number=number: self._put(number))
            self.done = number + 1

    def _put(self, number: int) -> bool:
        try:
            self.client.put_record(
                StreamName=self.stream, Data=b"%d" % number, PartitionKey=f"k{number % 7}"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceInUseException":
                return False  # the stand-in takes none while it reshards
            raise
        return True

    def open_shards(self) -> list[str]:
        """The shards that take records, once the stream is active, by their hash keys."""
        wait_until_active(self.client, self.stream)
        shards = self.client.list_shards(StreamName=self.stream)["Shards"]
        found = [s for s in shards if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
        return [s["ShardId"] for s in sorted(found, key=lambda s: hash_keys(s).start)]

    def split(self, shard_id: str, at: int) -> None:
        self.open_shards()
        self.client.split_shard(
            StreamName=self.stream, ShardToSplit=shard_id, NewStartingHashKey=str(at)
        )

    def merge(self, first: str, second: str) -> None:
        self.client.merge_shards(
            StreamName=self.stream, ShardToMerge=first, AdjacentShardToMerge=second
        )


def test_splits_and_merges_under_load(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "reshard-load", 2)
    producer = Producer(kinesis_mock, "reshard-load", 240)
    runner = StreamRunner(kinesis_mock, "reshard-load", tmp_path)
    stop = Stop()

    def reshard() -> None:
        producer.thread.start()
        low, _ = producer.open_shards()
        wait_until(lambda: producer.done >= 40)
        producer.split(low, 2**126)
        first, second, high = producer.open_shards()
        wait_until(lambda: producer.done >= 100)
        producer.merge(second, high)
        first, merged = producer.open_shards()
        wait_until(lambda: producer.done >= 160)
        producer.merge(first, merged)
        producer.thread.join()
        wait_until(lambda: len(runner.seen) >= 240)
        stop.request()

    resharding = threading.Thread(target=reshard)
    resharding.start()
    runner.run(stop=stop, batch_size=7)
    resharding.join()
    runner.run()  # there is nothing more
    assert sorted(runner.values()) == list(range(240))
    assert first_orders(runner.values()) == [list(range(key, 240, 7)) for key in range(7)]
    assert_parents_come_first(runner, producer.client.list_shards(StreamName="reshard-load"))


def assert_parents_come_first(runner: StreamRunner, listing) -> None:
    places = defaultdict(list)
    for place, record in enumerate(runner.seen):
        places[record.position.shard].append(place)
    assert len(places) > 3
    for child in listing["Shards"]:
        for parent in (child.get("ParentShardId"), child.get("AdjacentParentShardId")):
            if child["ShardId"] in places and parent in places:
                assert max(places[parent]) < min(places[child["ShardId"]])


def test_a_shard_whose_last_records_come_at_the_last_moment_is_not_finished(tmp_path):
    """The channel may be found idle just before the reader feeds the last records and ends."""
    with Checkpoints(tmp_path / "c.sqlite") as checkpoints:
        stream = Stream(ListingClient(), "large")
        poller = ShardsPoller(stream, checkpoints, ShardStart(), open_reading=None)
        reader = SimpleNamespace(
            error=None, ended=False, answered=True, channel="channel", note=lambda state: 0
        )
        poller.start(LateIntake(lambda: setattr(reader, "ended", True)))
        poller._open_shards = lambda: None
        poller._readers["shardId-0"] = reader
        poller.poll(0)
        assert checkpoints.load(stream.identity) == {}
        poller.poll(0)
        assert checkpoints.load(stream.identity)["shardId-0"].finished


class LateIntake:
    """Finds a channel idle, and only then are its last records fed."""

    log = logging.getLogger()

    def __init__(self, when_asked) -> None:
        self._when_asked = when_asked

    def state(self, channel) -> SimpleNamespace:
        self._when_asked()
        return SimpleNamespace(idle=True)

    def wait(self, seconds: float) -> None: ...

    def age(self, milliseconds) -> None: ...

    def abandon(self, channels) -> None: ...
