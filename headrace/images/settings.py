"""What the image loader may reach, and how much of it it takes."""

import re
from typing import Annotated

import msgspec

from headrace.images.error import ImageError
from headrace.images.host import host_and_port, joined

_PORT = re.compile(r"[0-9]{1,5}")
_MAX_PORT = 65_535


class ImageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the image loader; each is read from the variable of its name in upper case.

    Attributes:
        image_allow_hosts: Hosts that may be reached whatever their address, and over plain http,
            too: `host:port`, as they stand in the URL. Limits of time and size stay.
        image_allow_http: Whether http URLs of public hosts are read.
        image_allow_s3: Whether `s3://bucket/key` is read, with the process's own AWS permissions.
        image_allow_data: Whether `data:` URLs are read.
        image_max_bytes: The largest image file.
        image_max_pixels: The largest width times height, checked before decoding.
        image_deadline_seconds: The most time for one image: look-up, connecting, all redirects,
            and the last byte.
    """

    image_allow_hosts: tuple[str, ...] = ()
    image_allow_http: bool = False
    image_allow_s3: bool = False
    image_allow_data: bool = False
    image_max_bytes: Annotated[int, msgspec.Meta(gt=0)] = 10_000_000
    image_max_pixels: Annotated[int, msgspec.Meta(gt=0)] = 25_000_000
    image_deadline_seconds: Annotated[float, msgspec.Meta(gt=0)] = 10.0

    def __post_init__(self) -> None:
        hosts = tuple(map(_listed, self.image_allow_hosts))
        msgspec.structs.force_setattr(self, "image_allow_hosts", hosts)


def _listed(entry: str) -> str:
    """Return an entry as a URL's host and port are read, so that it can match one."""
    name, _, digits = entry.rpartition(":")
    try:
        host, port = host_and_port(name)
        if port is not None or not _PORT.fullmatch(digits) or not 1 <= int(digits) <= _MAX_PORT:
            raise ImageError("port", "the port is not 1 to 65535")
    except ImageError as error:
        reason = str(error).replace("the URL's host", "the host").replace("the URL", "it")
        message = f"HEADRACE_IMAGE_ALLOW_HOSTS: {entry!r} is not host:port: {reason}"
        raise ValueError(message) from None
    return joined(host, int(digits))
