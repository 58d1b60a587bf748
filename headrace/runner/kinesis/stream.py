"""One Kinesis stream: what it is, and which shards it has."""

from typing import TYPE_CHECKING, Any

from headrace.runner.shards.errors import StreamError
from headrace.runner.shards.presence import looking_for
from headrace.runner.shards.stream import Shard, time_of

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import DescribeStreamSummaryOutputTypeDef, ShardTypeDef


class Stream:
    """A stream as it was found at the start.

    Args:
        client: the Kinesis client.
        stream: its name, or its ARN.

    Attributes:
        name: its name.
        arn: its ARN.
        what: how messages name it.
        closed: no stream of Kinesis ends by itself.
        identity: a name that no later stream of the same ARN shares.
        found_at: the service's own time when it was found, in seconds since the epoch. What is
            asked for by time must not lie ahead of that clock.

    Raises:
        SourceAbsent: there is no such stream, or the service does not answer for now.
        SettingsError: it may not be read.
    """

    closed = False

    def __init__(self, client: "KinesisClient", stream: str) -> None:
        self.client = client
        asked: dict[str, Any] = {"StreamName": stream}
        if stream.startswith("arn:"):
            asked = {"StreamARN": stream}
        with looking_for(f"stream {stream!r}"):
            answer = client.describe_stream_summary(**asked)
        self.arn = answer["StreamDescriptionSummary"]["StreamARN"]
        self.name = answer["StreamDescriptionSummary"]["StreamName"]
        self.what = f"stream {self.name!r}"
        self.identity = _identity(answer)
        self.found_at = time_of(answer)

    def shards(self) -> list["ShardTypeDef"]:
        """All its shards, closed ones too. Raises StreamError if it is not that stream any more."""
        if _identity(self.client.describe_stream_summary(StreamARN=self.arn)) != self.identity:
            raise StreamError(f"{self.what} was deleted and made again: start the runner again")
        # botocore's paginator names the stream on every page, which the service refuses.
        page = self.client.list_shards(StreamARN=self.arn)
        shards = page["Shards"]
        while token := page.get("NextToken"):
            page = self.client.list_shards(NextToken=token)
            shards += page["Shards"]
        return shards


def hash_keys(shard: Shard) -> range:
    """The hash keys that belong to a shard."""
    keys = shard["HashKeyRange"]
    return range(int(keys["StartingHashKey"]), int(keys["EndingHashKey"]) + 1)


def is_child(shard: Shard) -> bool:
    """Whether the shard came from a split or a merge."""
    return "ParentShardId" in shard


def _identity(answer: "DescribeStreamSummaryOutputTypeDef") -> str:
    summary = answer["StreamDescriptionSummary"]
    created = summary["StreamCreationTimestamp"].timestamp()
    return f"{summary['StreamARN']}@{created:.3f}"
