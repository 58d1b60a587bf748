"""TLS and mutual TLS: which clients are taken, by a table of certificates."""

import asyncio
import errno
import http.client
import json
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress

import pytest

from headrace import lambda_handler
from headrace.errors import SettingsError
from headrace.serve.settings import ServeSettings
from headrace.settings import read
from headrace.web.tls.files import Tls
from tests.support.client_certificates import HOUR, SERVER, Signer, pem, self_signed, write
from tests.support.serving import Echo, RunningServer, in_threads

pytestmark = pytest.mark.slow(seconds=1)

ROOT, STRANGER = Signer("Shop CA"), Signer("Nobody's CA")
SECOND = Signer("second", ROOT)
THIRD = Signer("third", SECOND)
FOURTH = Signer("fourth", THIRD)
GAP = THIRD.issue("gap")
SOUND, REVOKED = ROOT.issue("till-7"), ROOT.issue("stolen")
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


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = write(folder, "server", *ROOT.issue("localhost", usage=SERVER))
    (folder / "ca.pem").write_bytes(pem(ROOT.certificate))
    lists = [ROOT.revoke(REVOKED[1][0]), *(one.revoke() for one in (SECOND, THIRD, FOURTH))]
    paths = [folder / f"{number}.crl" for number in range(len(lists))]
    for path, content in zip(paths, lists, strict=True):
        path.write_bytes(content)
    return folder, Tls(certificate, key, str(folder / "ca.pem"), tuple(map(str, paths)))


@pytest.fixture
def start(files):
    servers = []

    def begin(tls, **settings):
        servers.append(RunningServer(tls=tls, **settings))
        servers[-1].open(lambda_handler(Echo))
        return servers[-1].port

    yield begin
    for server in servers:
        server.drain(1)


def context_of(folder, client=None, **options):
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    for name, value in options.items():
        setattr(context, name, value)
    if client is not None:
        context.load_cert_chain(*write(folder, "client", *client))
    return context


def ask(port, context):
    connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
    try:
        connection.request("POST", "/", b"12345")
        return connection.getresponse().status
    finally:
        connection.close()


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


def curl(port, folder, *arguments, body=b""):
    """The version of HTTP, the status and the body of an answer."""
    command = ["curl", "--silent", "--max-time", "20", "--cacert", str(folder / "ca.pem")]
    command += ["--write-out", "\\n%{http_version} %{http_code}", *arguments]
    done = subprocess.run([*command, f"https://localhost:{port}/"], input=body, capture_output=True)
    text, _, last = done.stdout.decode().rpartition("\n")
    version, status = last.split()
    return version, int(status), text


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


@pytest.mark.parametrize("field", ["certificate", "key", "client_ca", "revoked"])
@pytest.mark.parametrize("content", [None, b"nothing"])
def test_a_file_that_is_none_is_one_line(files, tmp_path, field, content):
    path = tmp_path / "file.pem"
    if content is not None:
        path.write_bytes(content)
    value = (str(path),) if field == "revoked" else str(path)
    broken = files[1]._replace(**{field: value})
    with pytest.raises(SettingsError, match="cannot be used"):
        broken.context()


def test_it_is_said_which_file_is_wrong_and_what_it_lacks(files, tmp_path):
    certificate, key = files[1][:2]
    locked = tmp_path / "locked.key"
    locked.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n")
    for broken, told in (
        (Tls(certificate, str(tmp_path / "none")), "key .*none cannot be used: No such file"),
        (Tls(certificate, str(locked)), "locked.key cannot be used: it has a password"),
        (Tls(certificate, certificate), "it holds no PRIVATE KEY in PEM"),
        (Tls(key, key), "certificate .* cannot be used: it holds no CERTIFICATE in PEM"),
    ):
        with pytest.raises(SettingsError, match=told):
            broken.context()


def test_a_certificate_among_revocation_lists_is_not_trusted(files, tmp_path):
    path = tmp_path / "more.crl"
    path.write_bytes(STRANGER.revoke() + pem(STRANGER.certificate))
    with pytest.raises(SettingsError, match=r"more\.crl cannot be used: it holds a certificate"):
        files[1]._replace(revoked=(str(path),)).context()


def test_a_revocation_list_without_one_is_told(files):
    with pytest.raises(SettingsError, match=r"ca\.pem cannot be used: there is no further list"):
        files[1]._replace(revoked=(files[1].client_ca,)).context()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["certificate"], "go together"),
        (["client_ca"], "HEADRACE_SERVE_CLIENT_CA needs HEADRACE_SERVE_CERTIFICATE"),
        (["certificate", "certificate_key", "client_revoked"], "CLIENT_REVOKED needs"),
    ],
)
def test_settings_that_need_others_say_so(names, message):
    with pytest.raises(SettingsError, match=message):
        read(ServeSettings, {f"HEADRACE_SERVE_{name.upper()}": "x" for name in names})
