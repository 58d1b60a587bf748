"""A bucket for drawings: each has the name of its upload, so that one made again replaces it."""

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from headrace.errors import SettingsError
from workers.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SECONDS = 5.0
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_LONGEST_KEY = 1024  # bytes, says the service


class Pictures:
    """Writes drawings.

    Args:
        url: where to, as `s3://bucket/prefix`.
        upload_buckets: the buckets whose uploads are read.

    Raises:
        SettingsError: The URL has another form, or a drawing could not be told from an upload.
    """

    def __init__(self, url: str, upload_buckets: Sequence[str] = ()) -> None:
        parts = urlsplit(url)
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        told = f"HEADRACE_PICTURES_URL={url!r}:"
        # The rest of a URL is refused, and not left out: "#" and "?" may stand in a key.
        if parts.scheme != "s3" or not _BUCKET.fullmatch(self._bucket) or {"#", "?"} & {*url}:
            raise SettingsError(f"{told} the form is s3://bucket/prefix")
        if not self._prefix and self._bucket in upload_buckets:
            raise SettingsError(
                f"{told} name a prefix, since uploads of this bucket are read, and drawings are not"
            )

    def holds(self, upload: Upload) -> bool:
        """Whether an upload is a drawing that was written here."""
        return upload.bucket == self._bucket and upload.key.startswith(self._in_prefix(""))

    def put(self, upload: Upload, picture: bytes) -> str:
        """Write a PNG and return its URL. Raises what stood in the way: it may be tried again."""
        key = self._key(upload)
        self._client.put_object(Bucket=self._bucket, Key=key, Body=picture, ContentType="image/png")
        return f"s3://{self._bucket}/{key}"

    def _key(self, upload: Upload) -> str:
        """Return a name that no upload of another bucket has."""
        key = self._in_prefix(f"{upload.bucket}/{upload.key}.png")
        if len(key.encode()) <= _LONGEST_KEY:
            return key
        name = hashlib.sha256(upload.key.encode()).hexdigest()
        return self._in_prefix(f"{upload.bucket}/{name}.png")

    def _in_prefix(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    @cached_property
    def _client(self) -> "S3Client":
        import boto3  # noqa: PLC0415 - slow, and needed by few
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 2}
        )
        return boto3.Session().client("s3", config=config)
