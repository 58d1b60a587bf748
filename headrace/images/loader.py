"""Fetch an image file by its URL, safely.

Whoever sends a message chooses the URL, and whoever runs the server behind it chooses the answer.
So `fetch` goes only where the settings allow, within one deadline and one size.
"""

import logging
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from headrace.images import inline
from headrace.images.deadline import Deadline
from headrace.images.error import ImageError
from headrace.images.s3 import S3Reader
from headrace.images.settings import ImageSettings
from headrace.images.url import loggable

if TYPE_CHECKING:  # imported when an image comes by HTTP: they are a tenth of a cold start
    import ssl

    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

    from headrace.images.address import Resolver
    from headrace.images.connect import Connect
    from headrace.images.fetch import Fetcher

_log = logging.getLogger(__name__)


class ImageLoader:
    """Fetches image files by URL; may be shared between threads.

    Args:
        settings: What may be reached, and how much of it is read.
        resolver: Looks names up in place of `socket.getaddrinfo`, once per URL and redirect.
        ssl_context: Whom to trust; None trusts whom the system trusts.
        connect: Connects to an (address, port) within some seconds; for tests.
    """

    def __init__(
        self,
        settings: ImageSettings,
        *,
        resolver: "Resolver | None" = None,
        ssl_context: "ssl.SSLContext | None" = None,
        connect: "Connect | None" = None,
    ) -> None:
        self._settings = settings
        self._dial = resolver, ssl_context, connect
        self._s3 = S3Reader(settings)

    @cached_property
    def _http(self) -> "Fetcher":
        from headrace.images.connect import Dialer  # noqa: PLC0415
        from headrace.images.fetch import Fetcher  # noqa: PLC0415

        return Fetcher(self._settings, Dialer(*self._dial))

    def fetch(self, url: str) -> bytes:
        """Fetch a file by https URL, and by http, s3 and data URL if the settings allow.

        Returns:
            The file, at most `image_max_bytes` long. Its content is not checked.

        Raises:
            ImageError: if the URL is refused, or the file cannot be fetched.
        """
        return self._timed(loggable(url), partial(self._read, url))

    def fetch_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Fetch an object of S3 that a notification names, whatever the settings say of s3 URLs.

        Args:
            bucket: the bucket's name.
            key: the object's key.
            version: the object's version; None: the latest.

        Returns:
            The file, as `fetch` does.

        Raises:
            ImageError: if the file cannot be fetched; of the kind `missing` if it is not there.
        """
        place: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key}
        if version is not None:
            place["VersionId"] = version
        return self._timed(f"s3://{bucket}/…", partial(self._s3.get_object, place))

    def _timed(self, what: str, read: Callable[[Deadline], bytes]) -> bytes:
        start = time.monotonic()
        seconds = self._settings.image_deadline_seconds
        try:
            data = read(Deadline(seconds))
        except TimeoutError:
            message = f"the image did not arrive within {seconds:g} seconds"
            raise ImageError("timeout", message, transient=True) from None
        elapsed = time.monotonic() - start
        _log.debug("fetched %s: %d bytes in %.3f s", what, len(data), elapsed)
        return data

    def _read(self, url: str, deadline: Deadline) -> bytes:
        match url.partition(":")[0].lower():
            case "data" if self._settings.image_allow_data:
                return inline.read(url, self._settings.image_max_bytes)
            case "s3" if self._settings.image_allow_s3:
                return self._s3.get(url, deadline)
            case _:
                return self._http.get(url, deadline)
