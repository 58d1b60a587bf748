"""What is fetched over https: the certificate is the name's, and proves something."""

import socket
import time

import pytest

from headrace.images import ImageError, ImageLoader, ImageSettings
from tests.support.images.loaders import PUBLIC, resolver
from tests.support.images.network import BODY, HOST, Network, over_network
from tests.support.images.server import Authority, ImageServer, answer, self_signed


def test_https_checks_the_certificate_for_the_name_and_connects_to_the_address(
    authority: Authority,
):
    sni: list[str | None] = []
    with ImageServer({"/a/b": answer(BODY)}, authority.server(HOST, sni)) as server:
        network = Network(server.port)

        assert over_network(network, authority).fetch(f"https://{HOST}/a/b?size=1&x=y") == BODY

    assert network.connected == [(PUBLIC, 443)]
    assert sni == [HOST]
    lines = server.requests[0].split("\r\n")
    assert lines[0] == "GET /a/b?size=1&x=y HTTP/1.1"
    assert f"Host: {HOST}" in lines
    assert "Accept-Encoding: identity" in lines


def test_https_by_address_checks_the_certificate_for_the_address(authority: Authority):
    with ImageServer({"/": answer(BODY)}, authority.server(PUBLIC)) as server:
        network = Network(server.port)

        assert over_network(network, authority).fetch(f"https://{PUBLIC}") == BODY

    assert network.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("context", ["other-host", "self-signed", "other-authority"])
def test_certificate_that_proves_nothing_is_refused(authority: Authority, context: str):
    tls = {
        "other-host": lambda: authority.server("other.example"),
        "self-signed": lambda: self_signed(HOST),
        "other-authority": lambda: Authority().server(HOST),
    }[context]()
    with ImageServer({"/a": answer(BODY)}, tls) as server:
        loader = over_network(Network(server.port), authority)
        with pytest.raises(ImageError) as caught:
            loader.fetch(f"https://{HOST}/a")

    assert caught.value.kind == "tls"
    assert server.requests == []


def test_without_a_context_the_system_decides_whom_to_trust(authority: Authority):
    with ImageServer({"/a": answer(BODY)}, authority.server(HOST)) as server:
        connect = Network(server.port).connect
        loader = ImageLoader(ImageSettings(), resolver=resolver(PUBLIC), connect=connect)
        with pytest.raises(ImageError) as caught:
            loader.fetch(f"https://{HOST}/a")

    assert caught.value.kind == "tls"


def test_https_to_a_server_that_speaks_http_is_refused(server: ImageServer, authority: Authority):
    loader = over_network(Network(server.port), authority)

    with pytest.raises(ImageError) as caught:
        loader.fetch(f"https://{HOST}/a")

    assert caught.value.kind == "tls"


def test_handshake_that_never_ends_is_cut_at_the_deadline(authority: Authority):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        network = Network(silent.getsockname()[1])
        loader = over_network(network, authority, image_deadline_seconds=0.5)
        start = time.monotonic()
        with pytest.raises(ImageError) as caught:
            loader.fetch(f"https://{HOST}/a")

    assert caught.value.kind == "timeout"
    assert 0.5 <= time.monotonic() - start < 0.85
