"""Loaders that reach no further than a test wants."""

import socket
from collections.abc import Callable
from typing import Any

from headrace.images import ImageError, ImageLoader, ImageSettings
from tests.support.images.server import ImageServer

PUBLIC = "93.184.216.34"


def resolver(*addresses: str) -> Callable[..., list[Any]]:
    """A stand-in for getaddrinfo that always answers the same; localhost stays localhost."""

    def resolve(host: str, port: int, **_: object) -> list[Any]:
        found = ("127.0.0.1",) if host == "localhost" else addresses
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]

    return resolve


def no_connection(*_: object) -> socket.socket:
    raise AssertionError("a connection was opened")


def refused_by(action: Callable[[], object]) -> ImageError | None:
    """The error that an action is refused with, None if it is not refused."""
    try:
        action()
    except ImageError as error:
        return error
    return None


def url_loader(*addresses: str) -> ImageLoader:
    return ImageLoader(ImageSettings(), resolver=resolver(*addresses), connect=no_connection)


def route_loader(server: ImageServer, **settings: Any) -> ImageLoader:
    allowed = ImageSettings(image_allow_hosts=(f"127.0.0.1:{server.port}",), **settings)
    return ImageLoader(allowed, resolver=resolver(PUBLIC))
