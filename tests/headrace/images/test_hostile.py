"""Everything that must be refused, by table; see tests/support/images/cases/."""

import json
import os
import subprocess
import sys
import time
from http.client import HTTPException
from pathlib import Path

import pytest

from headrace.images import ImageLoader, decode
from tests.support.images.cases.files import FILES
from tests.support.images.cases.routes import ROUTES, hostile_server
from tests.support.images.cases.urls import ANSWERS, URLS
from tests.support.images.loaders import PUBLIC, refused_by, route_loader, url_loader
from tests.support.images.pixels import MAX_PIXELS
from tests.support.images.server import ImageServer

DEADLINE = 1.0
REFUSED_ROUTES = {name: kind for name, (_, kind) in ROUTES.items() if kind}
QUICK_ROUTES = [name for name, kind in REFUSED_ROUTES.items() if kind != "timeout"]


@pytest.fixture(scope="module")
def server():
    with hostile_server() as running:
        yield running


@pytest.fixture(scope="module")
def loader(server: ImageServer) -> ImageLoader:
    return route_loader(server, image_deadline_seconds=DEADLINE, image_max_bytes=100_000)


@pytest.mark.parametrize(("url", "kind"), URLS.items(), ids=ascii)
def test_url_is_refused_before_anything_is_connected(url: str, kind: str):
    error = refused_by(lambda: url_loader(PUBLIC).fetch(url))

    assert error is not None
    assert error.kind == kind
    assert not error.transient


@pytest.mark.parametrize(("addresses", "kind"), ANSWERS.items(), ids=str)
def test_answer_with_any_address_that_is_not_public_is_refused(
    addresses: tuple[str, ...], kind: str
):
    error = refused_by(lambda: url_loader(*addresses).fetch("https://example.com/"))

    assert error is not None
    assert error.kind == kind
    assert not any(address in str(error) for address in addresses)


@pytest.mark.parametrize(("name", "kind"), REFUSED_ROUTES.items())
def test_server_is_refused_in_time(server: ImageServer, loader: ImageLoader, name: str, kind: str):
    start = time.monotonic()

    error = refused_by(
        lambda: decode(loader.fetch(server.url(f"/{name}?secret=1")), max_pixels=MAX_PIXELS)
    )

    assert error is not None
    assert error.kind == kind
    assert not any(word in str(error) for word in ("secret", "10.0.0.1", "example", "http:"))
    assert not isinstance(error.__context__, HTTPException)  # they quote the server
    elapsed = time.monotonic() - start
    assert kind != "timeout" or elapsed >= DEADLINE
    # A tenth of the deadline, and what a busy machine needs to come back to us.
    assert elapsed < 1.1 * DEADLINE + 0.3


@pytest.mark.parametrize(("name", "kind"), [(n, kind) for n, (_, kind) in FILES.items()])
def test_file_is_refused(name: str, kind: str):
    data = FILES[name][0]

    error = refused_by(lambda: decode(data, max_pixels=MAX_PIXELS))

    assert error is not None
    assert error.kind == kind


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's mark of peak memory")
def test_memory_stays_bounded_over_all_cases():
    root = Path(__file__).parents[3]
    program = [sys.executable, "-m", "tests.support.images.cases"]
    environment = {**os.environ, "PYTHONPATH": str(root)}

    done = subprocess.run(
        program, cwd=root, env=environment, capture_output=True, text=True, timeout=250
    )

    assert done.returncode == 0, done.stderr
    grown = json.loads(done.stdout)
    offered = len(URLS) + len(ANSWERS) + len(FILES)
    assert grown["refused"] == offered + len(QUICK_ROUTES), done.stderr
    assert grown["refused"] >= 60
    assert grown["peak"] <= 150_000_000
