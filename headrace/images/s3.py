"""Images in S3, read with the process's own permissions: what a bucket allows is IAM's to say."""

import re
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from headrace.extras import needs
from headrace.images.deadline import Deadline
from headrace.images.error import ImageError, status_error
from headrace.images.left_behind import StuckError, left_behind
from headrace.images.settings import ImageSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

_MISSING = {"NoSuchKey", "NoSuchVersion"}
# Faults of our own credentials or clock, and of the connection: none of the object's.
_OURS = {
    *("ExpiredToken", "InvalidToken", "TokenRefreshRequired", "RequestExpired"),
    *("InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestTimeout"),
}

# A name, and nothing that the SDK would read as an ARN of something else.
_URL = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.{1,1024})", re.IGNORECASE | re.DOTALL)


class S3Reader:
    """Reads objects by `s3://bucket/key`; the key stands there as it is, not percent-encoded."""

    def __init__(self, settings: ImageSettings) -> None:
        self._max_bytes = settings.image_max_bytes
        self._timeout = settings.image_deadline_seconds

    def get(self, url: str, deadline: Deadline) -> bytes:
        """Read one object.

        Raises:
            ImageError: if the object cannot be read.
            TimeoutError: if the deadline passed.
            HeadraceError: if boto3 is not installed.
        """
        found = _URL.fullmatch(url)
        if not found:
            raise ImageError("url", "the URL is not s3://bucket/key")
        return self.get_object({"Bucket": found[1], "Key": found[2]}, deadline)

    def get_object(self, place: "GetObjectRequestTypeDef", deadline: Deadline) -> bytes:
        """Read the object that the arguments of GetObject name. Raises as `get`."""
        # In a separate thread: finding credentials alone may outlast any timeout of a socket.
        try:
            read = partial(self._read, place, deadline)
            return left_behind.call("s3", deadline, read)
        except StuckError:
            raise ImageError("connect", "S3 could not be reached", transient=True) from None

    def _read(self, place: "GetObjectRequestTypeDef", deadline: Deadline) -> bytes:
        try:
            from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow, rare
        except ModuleNotFoundError as error:
            raise needs("aws", error) from None
        try:
            answer = self._client.get_object(**place)
            data = bytearray()
            self._check(answer["ContentLength"])  # before anything of it is read
            for piece in answer["Body"].iter_chunks(1 << 16):
                data += piece
                self._check(len(data))
                deadline.remaining()
        except ClientError as error:
            raise _refused(error.response) from None
        except BotoCoreError:
            raise ImageError("connect", "S3 could not be reached", transient=True) from None
        return bytes(data)

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise ImageError("size", f"the image is larger than {self._max_bytes} bytes")

    @cached_property
    def _client(self) -> "S3Client":
        import boto3  # noqa: PLC0415 - slow, and needed by few
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=self._timeout,
            read_timeout=self._timeout,
            retries={"total_max_attempts": 2},
            proxies={},  # not None: that would mean the environment's
        )
        return boto3.Session().client("s3", config=config)


def _refused(response: Any) -> ImageError:
    code = response["Error"].get("Code")
    if code in _MISSING:
        return ImageError("missing", "the object is not in its bucket")
    if code in _OURS:
        return ImageError("connect", f"S3 does not let us in now: {code}", transient=True)
    return status_error(response["ResponseMetadata"]["HTTPStatusCode"])
