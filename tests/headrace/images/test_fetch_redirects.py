"""Redirects: how many are followed, where to, and how long."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from headrace.images import ImageError, ImageLoader, ImageSettings
from tests.support.images.loaders import PUBLIC, resolver, route_loader
from tests.support.images.network import BODY, HOST, Network, over_network
from tests.support.images.server import Authority, ImageServer, answer, redirect


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
        loader = over_network(
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
