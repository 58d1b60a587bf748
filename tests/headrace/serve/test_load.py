"""The server under load: what is accepted is answered, and memory is flat.

SOAK_SECONDS says for how long, SOAK_SWAPS how many versions are served meanwhile: `make soak` takes
a minute and a hundred.
"""

import asyncio
import json
import os
import resource
import threading
import time

import psutil
import pytest

from headrace.store.publisher import Publisher
from tests.support.models import tumor
from tests.support.served import serve

CLIENTS = 200
SECONDS = float(os.environ.get("SOAK_SECONDS", "6"))
SWAPS = int(os.environ.get("SOAK_SWAPS", "6"))
BODY = json.dumps(tumor.EVENT).encode()
REQUEST = b"POST /tumor HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("load") / "models"
    for rounds in (20, 30):
        tumor.publish(root, rounds=rounds)
    return root


@pytest.fixture(autouse=True)
def _many_files():
    """As many as this system lets a process have: the server inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def served(store, tmp_path):
    env = {
        "HEADRACE_MODEL_ROOT": str(store),
        "HEADRACE_MODEL_REFRESH_SECONDS": "0",
        "HEADRACE_MODEL_TRIAL_SECONDS": "0",  # loaded here at once, so as often as it moves
        "HEADRACE_LOG_LEVEL": "INFO",
    }
    with serve(tmp_path, "workers.tumor_classifier", "--max-connections", "1500", **env) as server:
        yield server


async def client(port, until, statuses):
    """Ask again and again on one connection; note each status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        status = int(head.split()[1])
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()


def ask(served, seconds, clients=CLIENTS):
    """Ask from many connections for some seconds; how often each status came."""
    statuses = {}

    async def ask_all():
        until = time.monotonic() + seconds
        port = int(served.url.rpartition(":")[2])
        await asyncio.gather(*(client(port, until, statuses) for _ in range(clients)))

    asyncio.run(ask_all())
    return statuses


@pytest.mark.slow(seconds=12)
def test_two_hundred_clients_get_answers_and_memory_stays_flat(served):
    process = psutil.Process(served.process.pid)
    assert set(ask(served, 3)) <= {200, 503}
    before = process.memory_info().rss
    statuses = ask(served, SECONDS)
    grown = process.memory_info().rss - before
    assert set(statuses) <= {200, 503}
    assert statuses[200] > 500
    assert grown < 20_000_000


@pytest.mark.slow(seconds=12)
def test_no_request_fails_while_versions_are_swapped(served, store):
    publisher, stop, moved = Publisher(store), threading.Event(), []

    def swap():
        names = publisher.versions("tumor")
        while not stop.wait(0.05):
            moved.append(publisher.point("tumor", names[len(moved) % 2]).name)

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        statuses = ask(served, SECONDS + 2, clients=16)
    finally:
        stop.set()
        swapping.join(20)
    assert set(statuses) == {200}
    assert len(moved) > SWAPS
    swaps = [line for line in served.lines() if "now serves version" in line["message"]]
    assert len(swaps) >= SWAPS


def test_a_thousand_idle_connections_are_no_one_else_s_affair(served):
    async def hold():
        port = int(served.url.rpartition(":")[2])
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(1000)]
        statuses = {}
        await client(port, time.monotonic() + 0.5, statuses)
        for _, writer in held:
            writer.close()
        return statuses

    assert set(asyncio.run(hold())) == {200}
