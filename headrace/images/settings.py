"""What the image loader may reach, and how much of it it takes."""

import re
from typing import Annotated

import msgspec

_HOST_PORT = re.compile(r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")


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
        for entry in self.image_allow_hosts:
            if not _HOST_PORT.fullmatch(entry):
                raise ValueError(f"HEADRACE_IMAGE_ALLOW_HOSTS: {entry!r} is not host:port")
