"""Pictures that were uploaded to a bucket: what is told of them, and which are read."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

import msgspec

from headrace import Record, Reject
from headrace.images import ImageError, ImageLoader, ImageSettings


class UploadSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the detector is told of uploads; each is read from the variable of its name.

    Attributes:
        upload_buckets: The buckets whose uploads are read. Whoever may send a message to the
            detector's queue names a bucket, so none is read that is not named here.
        pictures_url: Where a picture with its boxes is written, as `s3://bucket/prefix`. Unless it
            is set, none is.
    """

    upload_buckets: tuple[str, ...] = ()
    pictures_url: str | None = None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A notification of S3, as every source gives it (`headrace.sources.s3`).

    Attributes:
        event: what happened to the object, such as `ObjectCreated:Put`.
        bucket: the bucket's name.
        key: the object's key.
        size: bytes, if the notification says so.
        version_id: the object's version, in a bucket with versions.
    """

    event: str
    bucket: str
    key: str
    size: int | None = None
    version_id: str | None = None

    def why_skipped(self) -> str | None:
        """Return why there is nothing to read, in words; None if there is."""
        if not self.event.startswith("ObjectCreated"):
            return "nothing was uploaded"
        if self.key.endswith("/") and not self.size:  # what consoles make in place of a folder
            return "it is a folder"
        return None

    def about(self) -> dict[str, Any]:
        """Return which object it is, as the answer names it."""
        named = {"bucket": self.bucket, "key": self.key, "version_id": self.version_id}
        return {name: value for name, value in named.items() if value is not None}


def read_upload(record: Record) -> Upload | None:
    """Return the notification that a record is; None if it is another record."""
    if record.source != "s3":
        return None
    try:
        return msgspec.json.decode(record.value or b"", type=Upload)
    except msgspec.DecodeError as error:
        raise Reject(f"not a notification of S3: {error}") from None


class Uploads:
    """Reads what was uploaded.

    Args:
        loader: reads objects.
        images: what an image may be.
        buckets: the buckets whose uploads are read.
    """

    def __init__(
        self, loader: ImageLoader, images: ImageSettings, buckets: Collection[str]
    ) -> None:
        self._loader = loader
        self._most = images.image_max_bytes
        self._buckets = buckets

    def fetch(self, upload: Upload) -> bytes | None:
        """Read the object.

        Returns:
            The file; None if it has been removed since.

        Raises:
            Reject: It is in no bucket that is read, too large, or may not be read.
            ImageError: It may be read later.
        """
        if upload.bucket not in self._buckets:
            raise Reject(f"HEADRACE_UPLOAD_BUCKETS does not name the bucket {upload.bucket!r:.80}")
        if upload.size is not None and upload.size > self._most:
            raise Reject(f"the image is larger than {self._most} bytes: it has {upload.size}")
        try:
            return self._loader.fetch_object(upload.bucket, upload.key, upload.version_id)
        except ImageError as error:
            if error.kind == "missing":
                return None
            if error.transient:
                raise
            raise Reject(str(error), status=HTTPStatus.BAD_REQUEST) from error
