"""A stream of many shards, as the service lists them."""

from botocore.exceptions import ClientError


def shard(name: str, *parents: str) -> dict:
    names = dict(zip(("ParentShardId", "AdjacentParentShardId"), parents, strict=False))
    keys = {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
    return {"ShardId": name, "HashKeyRange": keys} | names


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
