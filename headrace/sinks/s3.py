"""`s3://bucket/prefix?region=…&endpoint=…&timeout=seconds` writes an object for each message.

The object is the value alone, named `<prefix>/<UTC time>_<record id>_<digest>`: a name repeats
only with the same content, so nothing is lost, and a listing is in order of time. The metadata hold
the record id (percent-escaped) and, if they fit, the key and the headers (base64). A tombstone
is an empty object with the metadata `tombstone: true`.
"""

import base64
import hashlib
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import repeat
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from headrace import json_text
from headrace.sinks import aws
from headrace.sinks.base import TIMEOUT_SECONDS, Message, too_late
from headrace.sinks.url import SinkUrl

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 8
_METADATA_BYTES = 2000  # the service takes 2 KB of names and values

Name = Callable[[Message], str]


def open_url(url: SinkUrl, name: Name | None = None) -> "S3Sink":
    """Open `s3://bucket` or `s3://bucket/prefix`; `name` makes the names below it."""
    url.allow(aws.PARAMETERS)
    if not url.host:
        raise url.wrong("the form is s3://bucket/prefix")
    prefix = url.path.strip("/")
    return S3Sink(
        aws.client("s3", url),
        url.host,
        prefix + "/" if prefix else "",
        timeout=url.seconds("timeout", TIMEOUT_SECONDS),
        name=name,
    )


class S3Sink:
    """Objects of a bucket.

    Args:
        client: a boto3 client.
        bucket: its name.
        prefix: what the names of objects begin with.
        timeout: seconds after which no further request is made.
        name: the rest of a message's name.
    """

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        prefix: str,
        *,
        timeout: float,
        name: Name | None = None,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._timeout = timeout
        self._name = name or object_name

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Put the objects, some at a time: they keep no order but that of their names."""
        deadline = time.monotonic() + self._timeout
        names = [self._prefix + self._name(message) for message in messages]
        if len(messages) == 1:
            return [self._put(messages[0], names[0], deadline)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._put, messages, names, repeat(deadline)))

    def absent(self) -> str | None:
        """As `headrace.sinks.open.absent`."""
        missing = aws.is_missing(self._client.head_bucket, Bucket=self._bucket)
        return f"there is no bucket {self._bucket!r}" if missing else None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _put(self, message: Message, name: str, deadline: float) -> Exception | None:
        if time.monotonic() >= deadline:
            return too_late()
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=message.value or b"",
                ContentType=_content_type(message.value),
                Metadata=_metadata(message),
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this message's reason
            return error
        return None


def object_name(message: Message) -> str:
    """A name for the object of a message, of letters, digits and `-_.=@:` alone."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    record = re.sub(r"[^A-Za-z0-9_.=@:-]", "_", message.id)[:500] or "message"
    digest = hashlib.sha256(message.value or b"").hexdigest()
    return f"{moment}_{record}_{digest[:16]}"


def _content_type(value: bytes | None) -> str:
    try:
        json_text.decode(value or b"")
    except json_text.JsonError:
        return "application/octet-stream"
    return "application/json"


def _metadata(message: Message) -> dict[str, str]:
    found = {"tombstone": "true"} if message.value is None else {}
    if message.id:
        found["id"] = quote(message.id, safe="@:")
    if message.key is not None:
        found["key"] = base64.b64encode(message.key).decode()
    if message.headers:
        found["headers"] = base64.b64encode(msgspec.json.encode(message.headers)).decode()
    room = _METADATA_BYTES
    for name, value in list(found.items()):
        room -= len(name) + len(value)
        if room < 0:
            del found[name]
    return found
