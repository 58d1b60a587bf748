"""Dead letters in S3: the objects below a prefix, by the names of either form."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headrace.by_size import by_size
from headrace.dead_letters.boxes.base import Stored
from headrace.sinks import aws
from headrace.sinks.url import SinkUrl

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 16 * 1024 * 1024
_LARGEST_BYTES = 64 * 1024 * 1024
"""No letter is larger. Whoever may write to the bucket may put anything there."""


def open_box(url: SinkUrl) -> "S3Box":
    """Open `s3://bucket` or `s3://bucket/prefix`."""
    url.allow(aws.PARAMETERS)
    if not url.host:
        raise url.wrong("the form is s3://bucket/prefix")
    return S3Box(aws.client("s3", url), url)


class S3Box:
    """The objects of a bucket, in the order of their names.

    Args:
        client: a boto3 client.
        url: names the bucket and the prefix.
    """

    removes = True
    unread = 0

    def __init__(self, client: "S3Client", url: SinkUrl) -> None:
        self._client = client
        self._url = url

    def read(self) -> Iterator[list[Stored]]:
        """The objects, as many at once as memory is to hold."""
        token: dict[str, str] = {}
        while True:
            page = aws.look_up(
                self._url,
                self._client.list_objects_v2,
                Bucket=self._url.host,
                Prefix=self._url.path.strip("/"),
                **token,
            )
            sizes = {found["Key"]: found["Size"] for found in page.get("Contents", ())}
            for keys in by_size(sizes, _CHUNK_BYTES):
                yield [self._get(key, sizes[key]) for key in keys]
            if not page["IsTruncated"]:
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def remove(self, stored: Stored) -> None:
        """Delete the object."""
        aws.look_up(self._url, self._client.delete_object, Bucket=self._url.host, Key=stored.handle)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, key: str, size: int) -> Stored:
        if size > _LARGEST_BYTES:
            return Stored(b"", key)
        answer = aws.look_up(self._url, self._client.get_object, Bucket=self._url.host, Key=key)
        return Stored(answer["Body"].read(), key)
