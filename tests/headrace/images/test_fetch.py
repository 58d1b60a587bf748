"""What is fetched from a listed host, and what has no part in it."""

import logging
import threading

import pytest

from headrace.images import ImageError, ImageLoader, ImageSettings
from tests.support.images.loaders import route_loader
from tests.support.images.network import BODY
from tests.support.images.server import ImageServer


def test_listed_host_is_reached_over_plain_http(server: ImageServer):
    assert route_loader(server).fetch(server.url("/a")) == BODY


def test_listed_host_keeps_its_port(server: ImageServer):
    settings = ImageSettings(image_allow_hosts=(f"localhost:{server.port}",))
    loader = ImageLoader(settings)

    assert loader.fetch(f"http://LocalHost:{server.port}/a") == BODY
    with pytest.raises(ImageError) as caught:
        loader.fetch("http://localhost:1/a")
    assert caught.value.kind == "scheme"


def test_proxies_of_the_environment_are_ignored(
    server: ImageServer, monkeypatch: pytest.MonkeyPatch
):
    with ImageServer() as proxy:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert route_loader(server).fetch(server.url("/a")) == BODY

    assert proxy.requests == []


def test_log_holds_no_query(server: ImageServer, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG, logger="headrace"):
        route_loader(server).fetch(server.url("/a?signature=secret#fragment"))

    assert server.url("/a") in caplog.text
    assert "secret" not in caplog.text
    assert "fragment" not in caplog.text


def test_loader_is_shared_between_threads(server: ImageServer):
    loader = route_loader(server)
    bodies: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: bodies.append(loader.fetch(server.url("/a"))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bodies == [BODY] * 8
