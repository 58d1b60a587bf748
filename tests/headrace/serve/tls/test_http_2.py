"""HTTP/2 is spoken by TLS, with the bounds of HTTP/1.1."""

import json
import socket
import threading
import time
from contextlib import suppress

import pytest

from headrace import lambda_handler
from headrace.web.tls.files import Tls
from tests.support.serving import Echo, RunningServer, in_threads
from tests.support.tls_serving import context_of, curl

pytestmark = pytest.mark.slow(seconds=1)


@pytest.mark.parametrize(
    ("arguments", "status", "size"),
    [
        (["--data-binary", "@-"], 200, 1000),
        (["--upload-file", "-"], 200, 1000),  # without a length
        (["--get"], 200, 0),
    ],
)
def test_http_2_is_spoken_by_tls(start, files, arguments, status, size):
    folder, tls = files
    port = start(Tls(tls.certificate, tls.key))
    found = curl(port, folder, "--http2", *arguments, body=bytes(1000))
    assert found[:2] == ("2", status)
    assert json.loads(found[2])["size"] == size


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--head"], 200), (["-d", "204"], 204), (["-d", "304"], 304), (["-d", "404"], 404)],
)
def test_an_answer_that_has_no_body_is_whole_by_http_2_too(start, files, arguments, status):
    folder, tls = files
    port = start(Tls(tls.certificate, tls.key))
    version, found, text = curl(port, folder, "--http2", *arguments)
    assert (version, found) == ("2", status)
    assert text.endswith("a body") == (status == 404)


@pytest.mark.parametrize("arguments", [["--data-binary", "@-"], ["--upload-file", "-"]])
def test_a_body_over_the_limit_is_refused_by_http_2_too(start, files, arguments):
    folder, tls = files
    port = start(Tls(tls.certificate, tls.key), serve_max_body_bytes=1000)
    assert curl(port, folder, "--http2", *arguments, body=bytes(5000))[1] == 413
    assert curl(port, folder, "--http2", *arguments, body=bytes(1000))[1] == 200


def test_a_drain_lets_a_request_of_http_2_finish(files, monkeypatch):
    folder, tls = files
    monkeypatch.setattr(Echo, "gate", threading.Event())
    monkeypatch.setattr(Echo, "entered", threading.Semaphore(0))
    server = RunningServer(tls=Tls(tls.certificate, tls.key))
    server.open(lambda_handler(Echo))
    asked, answers = in_threads(1, lambda: curl(server.port, folder, "--http2", "-d", "wait")[:2])
    assert Echo.entered.acquire(timeout=20)
    drains, drained = in_threads(1, lambda: server.drain(20))
    time.sleep(0.8)
    Echo.gate.set()
    for thread in asked + drains:
        thread.join(30)
    assert (answers, drained) == ([("2", 200)], [True])


def test_a_call_that_takes_longer_than_a_connection_may_be_idle_is_answered(
    start, files, monkeypatch
):
    folder, tls = files
    monkeypatch.setattr(Echo, "gate", threading.Event())
    port = start(Tls(tls.certificate, tls.key), serve_idle_seconds=0.2)
    threading.Timer(1, Echo.gate.set).start()
    assert curl(port, folder, "--http2", "-d", "wait")[:2] == ("2", 200)


def frame(kind, flags, stream, payload=b""):
    """A frame of HTTP/2."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


NO_WINDOW = frame(4, 0, 0, b"\0\4\0\0\0\0")  # SETTINGS: the client has no room for an answer
ASKED = frame(1, 5, 1, b"\x82\x87\x84\x01\x01h")  # HEADERS: GET https, /, of the host h


@pytest.mark.parametrize("asked", [b"", NO_WINDOW + ASKED], ids=["nothing", "and takes nothing"])
def test_a_client_that_only_answers_pings_is_cut(start, files, asked):
    folder, tls = files
    port = start(Tls(tls.certificate, tls.key), serve_idle_seconds=0.5)
    context = context_of(folder)
    context.set_alpn_protocols(["h2"])
    begun = time.monotonic()
    with context.wrap_socket(
        socket.create_connection(("localhost", port), 20), server_hostname="localhost"
    ) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + asked)
        with suppress(OSError), connection.makefile("rb") as answer:
            while head := answer.read(9):
                payload = answer.read(int.from_bytes(head[:3]))
                if head[3:5] == b"\6\0":
                    connection.sendall(frame(6, 1, 0, payload))
    assert 0.4 < time.monotonic() - begun < 5
