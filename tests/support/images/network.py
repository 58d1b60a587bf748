"""A stand-in for the internet, and loaders that go through it."""

import socket
from typing import Any

from headrace.images import ImageLoader, ImageSettings
from tests.support.images.loaders import PUBLIC, resolver
from tests.support.images.server import Authority

BODY = b"the body, whatever it is"
HOST = "images.example"


class Network:
    """Stands in for the internet: every address leads to one local server."""

    def __init__(self, port: int, *unreachable: str) -> None:
        self.port = port
        self.unreachable = unreachable
        self.connected: list[tuple[str, int]] = []
        self.timeouts: list[float] = []

    def connect(self, address: Any, port: int, timeout: float) -> socket.socket:
        self.connected.append((str(address), port))
        self.timeouts.append(timeout)
        if str(address) in self.unreachable:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), timeout)


def over_network(network: Network, authority: Authority, **settings: Any) -> ImageLoader:
    return ImageLoader(
        ImageSettings(**settings),
        resolver=resolver(PUBLIC),
        ssl_context=authority.client(),
        connect=network.connect,
    )
