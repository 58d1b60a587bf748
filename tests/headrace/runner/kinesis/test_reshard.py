"""X
Shards that are split and merged while records come: nothing lost, each key in order."""

import threading
from collections import defaultdict

import pytest
from botocore.exceptions import ClientError

from headrace.runner.kinesis.stream import hash_keys
from headrace.runner.stop import Stop
from headrace.testing.moto_server import create_stream, kinesis_client, wait_until_active
from tests.support.kinesis.runner import StreamRunner, first_orders
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


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
