"""The stand-ins for Kinesis keep records, and kinesis-mock splits shards as AWS does."""

import pytest

from headrace.testing.moto_server import create_stream, kinesis_client, wait_until_active


def read_stream(endpoint: str, stream: str) -> list[bytes]:
    client = kinesis_client(endpoint)
    data: list[bytes] = []
    for shard in client.list_shards(StreamName=stream)["Shards"]:
        iterator = client.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        data += [r["Data"] for r in client.get_records(ShardIterator=iterator)["Records"]]
    return data


@pytest.mark.kinesis
@pytest.mark.parametrize("stand_in", ["moto_server", "kinesis_mock"])
def test_a_kinesis_stand_in_keeps_records(stand_in: str, request: pytest.FixtureRequest) -> None:
    endpoint = request.getfixturevalue(stand_in)
    create_stream(endpoint, "rows", 2)
    records = [{"Data": str(n).encode(), "PartitionKey": str(n)} for n in range(100)]
    put = kinesis_client(endpoint).put_records(StreamName="rows", Records=records)
    assert put["FailedRecordCount"] == 0
    assert sorted(map(int, read_stream(endpoint, "rows"))) == list(range(100))


@pytest.mark.kinesis
def test_kinesis_mock_moves_a_split_shards_new_records_to_its_children(kinesis_mock: str) -> None:
    create_stream(kinesis_mock, "split", 1)
    client = kinesis_client(kinesis_mock)
    [parent] = client.list_shards(StreamName="split")["Shards"]
    client.put_record(StreamName="split", Data=b"before", PartitionKey="k")
    client.split_shard(
        StreamName="split",
        ShardToSplit=parent["ShardId"],
        NewStartingHashKey=str(2**127),
    )
    wait_until_active(client, "split")
    after = client.put_record(StreamName="split", Data=b"after", PartitionKey="k")
    shards = {s["ShardId"]: s for s in client.list_shards(StreamName="split")["Shards"]}
    assert shards[after["ShardId"]]["ParentShardId"] == parent["ShardId"]
    assert sorted(read_stream(kinesis_mock, "split")) == [b"after", b"before"]
