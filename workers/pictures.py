"""A bucket for drawings: each has the name of its upload, so that one made again replaces it."""

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from headrace.errors import SettingsError
from workers.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SECONDS = 5.0


class Pictures:
    """Writes drawings.

    Args:
        url: where to, as `s3://bucket/prefix`.

    Raises:
        SettingsError: The URL has another form.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query:
            raise SettingsError(f"HEADRACE_PICTURES_URL={url!r}: the form is s3://bucket/prefix")
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")

    def put(self, upload: Upload, picture: bytes) -> str:
        """Write a PNG and return its URL. Raises what stood in the way: it may be tried again."""
        key = "/".join(filter(None, (self._prefix, f"{upload.key}.png")))
        self._client.put_object(Bucket=self._bucket, Key=key, Body=picture, ContentType="image/png")
        return f"s3://{self._bucket}/{key}"

    @cached_property
    def _client(self) -> "S3Client":
        import boto3  # noqa: PLC0415 - slow, and needed by few
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 2}
        )
        return boto3.Session().client("s3", config=config)
