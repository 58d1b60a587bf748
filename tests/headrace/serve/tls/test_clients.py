"""TLS and mutual TLS: which clients are taken, by a table of certificates."""

import asyncio
import errno
import http.client
import socket
import ssl
import time
from contextlib import suppress

import pytest

from headrace.web.tls.files import Tls
from tests.support.client_certificates import HOUR, SERVER, Signer, self_signed
from tests.support.tls_serving import (
    FOURTH,
    REVOKED,
    ROOT,
    SECOND,
    SOUND,
    STRANGER,
    THIRD,
    ask,
    context_of,
)

pytestmark = pytest.mark.slow(seconds=1)

GAP = THIRD.issue("gap")

CLIENTS = {
    "sound": (SOUND, True),
    "a chain of two": (SECOND.issue("c2"), True),
    "a chain of four": (FOURTH.issue("c4"), True),
    "none": (None, False),
    "expired": (ROOT.issue("old", starts=-2 * HOUR, ends=-HOUR), False),
    "not yet valid": (ROOT.issue("young", starts=HOUR, ends=2 * HOUR), False),
    "wrong usage": (ROOT.issue("server", usage=SERVER), False),
    "revoked": (REVOKED, False),
    "self-signed": (self_signed("till-7"), False),
    "unknown authority": (STRANGER.issue("till-7"), False),
    "authority of the same name": (Signer("Shop CA").issue("till-7"), False),
    "a chain with a gap": ((GAP[0], GAP[1][:1]), False),
}


def test_a_server_with_a_certificate_speaks_https(start, files):
    folder, tls = files
    port = start(Tls(tls.certificate, tls.key))
    assert ask(port, context_of(folder)) == 200
    assert ask(port, context_of(folder, maximum_version=ssl.TLSVersion.TLSv1_2)) == 200
    plain = http.client.HTTPConnection("localhost", port, timeout=20)
    plain.request("GET", "/healthz")
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.getresponse()
    plain.close()


def test_clients_are_taken_by_their_certificates(start, files):
    folder, tls = files
    port, found = start(tls), {}
    for what, (client, _) in CLIENTS.items():
        try:
            found[what] = ask(port, context_of(folder, client)) == 200
        except (ssl.SSLError, OSError, http.client.HTTPException):
            found[what] = False
    assert found == {what: is_taken for what, (_, is_taken) in CLIENTS.items()}


def test_a_client_that_never_shakes_hands_harms_no_other(start, files):
    folder, tls = files
    port = start(Tls(tls.certificate, tls.key), serve_idle_seconds=0.5)
    silent = [socket.create_connection(("localhost", port)) for _ in range(50)]
    begun = time.monotonic()
    assert ask(port, context_of(folder)) == 200
    assert time.monotonic() - begun < 5
    for one in silent:
        with suppress(OSError):
            one.close()


def test_a_server_whose_files_are_used_up_for_a_while_takes_connections_again(
    start, files, monkeypatch
):
    folder, tls = files
    accept, refusals = (
        asyncio.SelectorEventLoop.sock_accept,
        [OSError(errno.EMFILE, "too many")] * 3,
    )

    async def sock_accept(self, bound):
        if refusals:
            raise refusals.pop()
        return await accept(self, bound)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_accept", sock_accept)
    port = start(Tls(tls.certificate, tls.key))
    assert ask(port, context_of(folder)) == 200
    assert not refusals


@pytest.mark.parametrize("begun", [b"", b"P", b"PRI * HTTP/2.0\r\n", b"POST / HTTP/1.1\r\nho"])
@pytest.mark.parametrize("protocols", [["http/1.1"], ["h2", "http/1.1"]])
def test_a_request_that_is_begun_and_never_sent_ends_its_connection(files, start, begun, protocols):
    folder, tls = files
    port = start(Tls(tls.certificate, tls.key), serve_idle_seconds=0.5)
    context = context_of(folder)
    context.set_alpn_protocols(protocols)
    with context.wrap_socket(
        socket.create_connection(("localhost", port), 20), server_hostname="localhost"
    ) as connection:
        connection.sendall(begun)
        with suppress(OSError):  # reset
            assert connection.recv(100) == b""
