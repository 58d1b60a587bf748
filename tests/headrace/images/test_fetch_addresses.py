"""Which address is connected: the one that was checked, by one look-up with an end."""

import socket
import threading
import time
from typing import Any

import pytest

from headrace.images import ImageError, ImageLoader, ImageSettings
from tests.support.images.loaders import PUBLIC, resolver
from tests.support.images.network import BODY, HOST, Network, over_network
from tests.support.images.server import Authority, ImageServer


def test_http_by_opt_in_needs_a_public_address_still(server: ImageServer, authority: Authority):
    network = Network(server.port)
    loader = over_network(network, authority, image_allow_http=True)

    assert loader.fetch(f"http://{HOST}/a") == BODY
    assert network.connected == [(PUBLIC, 80)]
    with pytest.raises(ImageError) as caught:
        loader.fetch("http://localhost/a")
    assert caught.value.kind == "address"


def test_name_is_resolved_once_and_the_checked_address_is_connected(
    server: ImageServer, authority: Authority
):
    """Rebinding: a second look-up would answer with an address nobody checked."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in next(answers)]

    network = Network(server.port)
    loader = ImageLoader(
        ImageSettings(image_allow_http=True), resolver=rebinding, connect=network.connect
    )

    assert loader.fetch(f"http://{HOST}/a") == BODY
    assert asked == [HOST]
    assert network.connected == [(PUBLIC, 80)]
    with pytest.raises(ImageError) as caught:
        loader.fetch(f"http://{HOST}/a")
    assert caught.value.kind == "address"
    assert len(network.connected) == 1


def test_default_connection_looks_nothing_up(server: ImageServer, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a second look-up")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    settings = ImageSettings(image_allow_hosts=(f"inside.example:{server.port}",))
    loader = ImageLoader(settings, resolver=resolver("127.0.0.1"))

    assert loader.fetch(f"http://inside.example:{server.port}/a") == BODY


def test_next_address_is_tried_when_one_is_dead(server: ImageServer):
    network = Network(server.port, PUBLIC)
    loader = ImageLoader(
        ImageSettings(image_allow_http=True),
        resolver=resolver(PUBLIC, "2606:4700::1111"),
        connect=network.connect,
    )

    assert loader.fetch(f"http://{HOST}/a") == BODY
    assert network.connected == [(PUBLIC, 80), ("2606:4700::1111", 80)]
    assert network.timeouts[0] <= 5.0  # half of the deadline, so that the other gets its chance


def test_unreachable_host_may_be_tried_later(server: ImageServer):
    network = Network(server.port, PUBLIC)
    loader = ImageLoader(ImageSettings(), resolver=resolver(PUBLIC), connect=network.connect)

    with pytest.raises(ImageError) as caught:
        loader.fetch(f"https://{HOST}/a")

    assert caught.value.kind == "connect"
    assert caught.value.transient


@pytest.mark.parametrize("error", [socket.gaierror("no such name"), UnicodeError("label")])
def test_failed_look_up_is_told(error: Exception):
    def failing(*_: object, **__: object) -> list[Any]:
        raise error

    with pytest.raises(ImageError) as caught:
        ImageLoader(ImageSettings(), resolver=failing).fetch(f"https://{HOST}/a")

    assert caught.value.kind == "dns"


def test_slow_look_up_is_left_behind_at_the_deadline():
    released = threading.Event()

    def slow(*_: object, **__: object) -> list[Any]:
        released.wait(20)
        return []

    loader = ImageLoader(ImageSettings(image_deadline_seconds=0.5), resolver=slow)
    start = time.monotonic()
    with pytest.raises(ImageError) as caught:
        loader.fetch(f"https://{HOST}/a")
    elapsed = time.monotonic() - start
    released.set()

    assert caught.value.kind == "timeout"
    assert 0.5 <= elapsed < 0.85
