"""What is fetched, and by which way."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from headrace.images import ImageError, ImageLoader, ImageSettings
from tests.support.images.cases import PUBLIC, resolver, route_loader
from tests.support.images.server import (
    OK,
    Authority,
    ImageServer,
    answer,
    raw,
    redirect,
    self_signed,
)

BODY = b"the body, whatever it is"
HOST = "images.example"
EARLY_HINTS = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nContent-Length: 9\r\n\r\n"
)


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


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server():
    with ImageServer({"/a": answer(BODY)}) as running:
        yield running


def _over_network(network: Network, authority: Authority, **settings: Any) -> ImageLoader:
    return ImageLoader(
        ImageSettings(**settings),
        resolver=resolver(PUBLIC),
        ssl_context=authority.client(),
        connect=network.connect,
    )


def test_listed_host_is_reached_over_plain_http(server: ImageServer):
    assert route_loader(server).fetch(server.url("/a")) == BODY


def test_listed_host_keeps_its_port(server: ImageServer):
    settings = ImageSettings(image_allow_hosts=(f"localhost:{server.port}",))
    loader = ImageLoader(settings)

    assert loader.fetch(f"http://LocalHost:{server.port}/a") == BODY
    with pytest.raises(ImageError) as caught:
        loader.fetch("http://localhost:1/a")
    assert caught.value.kind == "scheme"


def test_https_checks_the_certificate_for_the_name_and_connects_to_the_address(
    authority: Authority,
):
    sni: list[str | None] = []
    with ImageServer({"/a/b": answer(BODY)}, authority.server(HOST, sni)) as server:
        network = Network(server.port)

        assert _over_network(network, authority).fetch(f"https://{HOST}/a/b?size=1&x=y") == BODY

    assert network.connected == [(PUBLIC, 443)]
    assert sni == [HOST]
    lines = server.requests[0].split("\r\n")
    assert lines[0] == "GET /a/b?size=1&x=y HTTP/1.1"
    assert f"Host: {HOST}" in lines
    assert "Accept-Encoding: identity" in lines


def test_https_by_address_checks_the_certificate_for_the_address(authority: Authority):
    with ImageServer({"/": answer(BODY)}, authority.server(PUBLIC)) as server:
        network = Network(server.port)

        assert _over_network(network, authority).fetch(f"https://{PUBLIC}") == BODY

    assert network.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("context", ["other-host", "self-signed", "other-authority"])
def test_certificate_that_proves_nothing_is_refused(authority: Authority, context: str):
    tls = {
        "other-host": lambda: authority.server("other.example"),
        "self-signed": lambda: self_signed(HOST),
        "other-authority": lambda: Authority().server(HOST),
    }[context]()
    with ImageServer({"/a": answer(BODY)}, tls) as server:
        loader = _over_network(Network(server.port), authority)
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
    loader = _over_network(Network(server.port), authority)

    with pytest.raises(ImageError) as caught:
        loader.fetch(f"https://{HOST}/a")

    assert caught.value.kind == "tls"


def test_handshake_that_never_ends_is_cut_at_the_deadline(authority: Authority):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        network = Network(silent.getsockname()[1])
        loader = _over_network(network, authority, image_deadline_seconds=0.5)
        start = time.monotonic()
        with pytest.raises(ImageError) as caught:
            loader.fetch(f"https://{HOST}/a")

    assert caught.value.kind == "timeout"
    assert 0.5 <= time.monotonic() - start < 0.85


def test_http_by_opt_in_needs_a_public_address_still(server: ImageServer, authority: Authority):
    network = Network(server.port)
    loader = _over_network(network, authority, image_allow_http=True)

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


def test_redirect_is_resolved_and_checked_anew(server: ImageServer):
    server.routes["/again"] = redirect("/a")
    answers = iter([[PUBLIC], ["10.0.0.1"]])

    def rebinding(host: str, port: int, **_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in next(answers)]

    loader = ImageLoader(
        ImageSettings(image_allow_http=True),
        resolver=rebinding,
        connect=Network(server.port).connect,
    )

    with pytest.raises(ImageError) as caught:
        loader.fetch(f"http://{HOST}/again")
    assert caught.value.kind == "address"


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


@pytest.mark.parametrize(
    "location",
    ["/a", "a", "?x", "//127.0.0.1:{port}/a", "http://127.0.0.1:{port}/a", "/b/../a", "/\xe9 \xe9"],
)
def test_redirect_is_followed(server: ImageServer, location: str):
    server.routes["/"] = redirect(location.format(port=server.port))
    server.routes["/%C3%A9%20%C3%A9"] = answer(BODY)
    if location == "?x":
        bodies = iter([server.routes["/"], answer(BODY)])
        server.routes["/"] = lambda connection: next(bodies)(connection)

    assert route_loader(server).fetch(server.url("/")) == BODY


@pytest.mark.parametrize(("hops", "kind"), [(3, None), (4, "redirect")])
def test_three_redirects_are_followed_and_no_more(server: ImageServer, hops: int, kind: str | None):
    server.routes |= {f"/{n}": redirect(f"/{n - 1}") for n in range(1, hops + 1)}
    server.routes["/0"] = answer(BODY)

    def fetch() -> bytes:
        return route_loader(server).fetch(server.url(f"/{hops}"))

    if kind is None:
        assert fetch() == BODY
    else:
        with pytest.raises(ImageError) as caught:
            fetch()
        assert caught.value.kind == kind
        assert len(server.requests) == 4


def test_redirect_never_leads_from_https_to_http(server: ImageServer, authority: Authority):
    """Not even where plain http is allowed and to a host that is listed."""
    listed = (f"127.0.0.1:{server.port}", f"{HOST}:443")
    with ImageServer({"/": redirect(server.url("/a"))}, authority.server(HOST)) as secure:
        loader = _over_network(
            Network(secure.port), authority, image_allow_hosts=listed, image_allow_http=True
        )
        with pytest.raises(ImageError) as caught:
            loader.fetch(f"https://{HOST}/")

    assert caught.value.kind == "redirect"
    assert server.requests == []


def test_redirect_may_lead_from_http_to_https(authority: Authority):
    with (
        ImageServer({"/a": answer(BODY)}, authority.server(HOST)) as secure,
        ImageServer({"/": redirect(f"https://{HOST}/a")}) as plain,
    ):
        ports = {80: plain.port, 443: secure.port}

        def connect(_: Any, port: int, timeout: float) -> socket.socket:
            return socket.create_connection(("127.0.0.1", ports[port]), timeout)

        loader = ImageLoader(
            ImageSettings(image_allow_http=True),
            resolver=resolver(PUBLIC),
            ssl_context=authority.client(),
            connect=connect,
        )
        assert loader.fetch(f"http://{HOST}/") == BODY


def test_one_deadline_covers_all_redirects(server: ImageServer):
    def slowly(route: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
        def wait(connection: socket.socket) -> None:
            time.sleep(0.3)
            route(connection)

        return wait

    server.routes |= {f"/{n}": slowly(redirect(f"/{n + 1}")) for n in range(3)}
    server.routes["/3"] = slowly(answer(BODY))
    start = time.monotonic()
    with pytest.raises(ImageError) as caught:
        route_loader(server, image_deadline_seconds=0.8).fetch(server.url("/0"))

    assert caught.value.kind == "timeout"
    assert 0.8 <= time.monotonic() - start < 1.2


@pytest.mark.parametrize(
    "response",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: 1\r\n\r\n",
        OK + b"Transfer-Encoding: Chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        OK + b"Content-Encoding: identity\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"\r\nabcde",
        b"HTTP/1.0 200 OK\r\n\r\nabcde",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nabcde",
        EARLY_HINTS + OK + b"Content-Length: 5\r\n\r\nabcde",
        EARLY_HINTS * 3 + OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" + EARLY_HINTS + OK + b"\r\nabcde",
        OK + b"Content-Encoding: aws-chunked\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding: AWS-chunked,\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding:\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding: identity, identity\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding: , identity\r\nContent-Encoding: \r\n\r\nabcde",
        OK + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nabcde",
    ],
)
def test_body_is_read_however_it_is_framed(server: ImageServer, response: bytes):
    server.routes["/framed"] = raw(response)

    assert route_loader(server).fetch(server.url("/framed")) == b"abcde"


@pytest.mark.parametrize("size", ["-2", "-5", "zz", ""])
def test_a_chunk_whose_size_is_none_is_no_fault_of_ours(server: ImageServer, size: str):
    chunked = b"Transfer-Encoding: chunked\r\n\r\n" + size.encode() + b"\r\nabcde"
    server.routes["/framed"] = raw(OK + chunked)
    with pytest.raises(ImageError) as caught:
        route_loader(server).fetch(server.url("/framed"))
    assert caught.value.kind in {"protocol", "truncated"}


@pytest.mark.parametrize("framed", [True, False])
@pytest.mark.parametrize(("size", "refused"), [(100_000, False), (100_001, True)])
def test_size_is_capped_to_the_byte(server: ImageServer, framed: bool, size: int, refused: bool):
    server.routes["/big"] = answer(bytes(size)) if framed else raw(OK + b"\r\n" + bytes(size))
    loader = route_loader(server, image_max_bytes=100_000)

    if not refused:
        assert loader.fetch(server.url("/big")) == bytes(size)
        return
    with pytest.raises(ImageError) as caught:
        loader.fetch(server.url("/big"))
    assert caught.value.kind == "size"


@pytest.mark.parametrize(
    ("status", "transient"), [(404, False), (410, False), (429, True), (503, True)]
)
def test_status_says_whether_to_come_back(server: ImageServer, status: int, transient: bool):
    server.routes["/a"] = answer(b"", f"{status} secret reason")

    with pytest.raises(ImageError, match=str(status)) as caught:
        route_loader(server).fetch(server.url("/a"))

    assert caught.value.kind == "status"
    assert caught.value.transient is transient
    assert "secret" not in str(caught.value)


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
