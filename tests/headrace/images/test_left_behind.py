"""Look-ups that hang: they hold up their own domain, and nobody else's."""

import socket
import threading
import time

import pytest

from headrace.images import ImageError, ImageLoader, ImageSettings
from headrace.images import left_behind as module
from headrace.images.deadline import Deadline
from headrace.images.left_behind import LeftBehind, StuckError, domain, left_behind
from tests.support.images.loaders import PUBLIC
from tests.support.images.server import ImageServer, answer
from tests.support.waiting import wait_until


@pytest.fixture
def released():
    """Look-ups of hanging.example end when this is set."""
    event = threading.Event()
    yield event
    event.set()
    wait_until(lambda: not left_behind._left)


@pytest.fixture
def loader(released):
    def resolve(host, port, **_):
        if host.endswith("hanging.example"):
            assert released.wait(60)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))]

    with ImageServer({"/a": answer(b"body")}) as server:
        yield ImageLoader(
            ImageSettings(image_allow_http=True, image_deadline_seconds=0.3),
            resolver=resolve,
            connect=lambda address, port, timeout: socket.create_connection(
                ("127.0.0.1", server.port), timeout
            ),
        )


def kinds(loader, hosts):
    """How the look-ups of hosts end, all at once."""
    found = []

    def fetch(host):
        try:
            loader.fetch(f"http://{host}/a")
        except ImageError as error:
            found.append(error.kind)

    threads = [threading.Thread(target=fetch, args=(host,)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_hundred_look_ups_that_hang_hold_up_no_other_host(loader):
    assert kinds(loader, [f"{n}.hanging.example" for n in range(100)]) == ["timeout"] * 100
    begun = time.monotonic()
    assert loader.fetch("http://other.example.com/a") == b"body"
    assert time.monotonic() - begun < 0.3


def test_the_domain_that_hangs_is_refused_at_once_until_it_answers(loader, released):
    kinds(loader, [f"{n}.hanging.example" for n in range(module.MOST_OF_A_KIND)])
    with pytest.raises(ImageError, match="do not answer") as caught:
        loader.fetch("http://new.hanging.example/a")
    assert (caught.value.kind, caught.value.transient) == ("dns", True)
    released.set()
    wait_until(lambda: not left_behind._left)
    assert loader.fetch("http://new.hanging.example/a") == b"body"


def test_threads_that_are_left_behind_are_bounded_together(monkeypatch, released):
    monkeypatch.setattr(module, "MOST", 3)
    calls = LeftBehind()
    for number in range(3):
        with pytest.raises(TimeoutError):
            calls.call(f"{number}.example", Deadline(0.01), released.wait)
    with pytest.raises(StuckError):
        calls.call("other.example", Deadline(5), int)
    released.set()
    wait_until(lambda: not calls._left)
    assert calls.call("other.example", Deadline(5), int) == 0


def test_what_a_call_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        LeftBehind().call("a", Deadline(5), lambda: 1 // 0)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("a.b.evil.example", "evil.example"),
        ("EVIL.example", "evil.example"),
        ("localhost", "localhost"),
    ],
)
def test_names_of_one_domain_hang_together(host, found):
    assert domain(host) == found
