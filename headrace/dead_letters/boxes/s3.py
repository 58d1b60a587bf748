"""Dead letters in S3: the objects below a prefix, by the names of either form."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headrace.dead_letters.boxes.base import Stored
from headrace.sinks import aws
from headrace.sinks.url import SinkUrl

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


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

    def __init__(self, client: "S3Client", url: SinkUrl) -> None:
        self._client = client
        self._url = url

    def read(self) -> Iterator[list[Stored]]:
        """The objects, page by page."""
        token: dict[str, str] = {}
        while True:
            page = aws.look_up(
                self._url,
                self._client.list_objects_v2,
                Bucket=self._url.host,
                Prefix=self._url.path.strip("/"),
                **token,
            )
            yield [self._get(found["Key"]) for found in page.get("Contents", ())]
            if not page["IsTruncated"]:
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def remove(self, stored: Stored) -> None:
        """Delete the object."""
        aws.look_up(self._url, self._client.delete_object, Bucket=self._url.host, Key=stored.handle)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, key: str) -> Stored:
        answer = aws.look_up(self._url, self._client.get_object, Bucket=self._url.host, Key=key)
        return Stored(answer["Body"].read(), key)
