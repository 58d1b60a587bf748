"""Mutual TLS: workers are told whose certificate a request came with; nobody gets round it."""

import http.client
import json
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from headrace import Worker, lambda_handler
from headrace.request import ClientCertificate
from headrace.serve.event import http_event
from headrace.serve.record import record_of
from headrace.sources import pick
from headrace.web.head import Head
from headrace.web.tls.files import Tls
from tests.support.client_certificates import SERVER, Signer, pem, write
from tests.support.serving import Echo, RunningServer, in_threads

pytestmark = pytest.mark.slow(seconds=1.5)

ROOT = Signer("Shop CA")
NEXT = Signer("Tills, north", ROOT)
KEY, CHAIN = NEXT.issue("till-7")


class Shows(Worker):
    """Answers with what it sees of the client, and how much it got."""

    def process(self, record):
        certificate = record.request.client_certificate
        size = len(record.value or b"")
        return {"size": size, "shown": certificate and msgspec.to_builtins(certificate)}


class _Server(RunningServer):
    def __init__(self, folder, worker=Shows, **settings):
        certificate, key = write(folder, "server", *ROOT.issue("localhost", usage=SERVER))
        self.authority = folder / "ca.pem"
        self.authority.write_bytes(pem(ROOT.certificate))
        tls = Tls(certificate, key, str(self.authority))
        super().__init__(tls=tls, **settings)
        self.open(lambda_handler(worker))
        self.client = write(folder, "client", KEY, CHAIN)

    def connect(self):
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(*self.client)
        return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context)

    def ask(self, body=b""):
        connection = self.connect()
        try:
            connection.request("POST", "/", body)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@pytest.fixture
def start(tmp_path):
    servers = []

    def begin(*args, **settings):
        servers.append(_Server(tmp_path, *args, **settings))
        return servers[-1]

    yield begin
    for server in servers:
        server.drain(1)


def test_a_worker_sees_whose_request_it_is(start):
    own = CHAIN[0]
    shown = start().ask()["shown"]
    number = f"{own.serial_number:x}"
    when = "%b %e %H:%M:%S %Y GMT"
    assert shown == {
        "pem": pem(own).decode(),
        "subject": "CN=till-7",
        "issuer": r"CN=Tills\, north",
        "serial_number": number.zfill(len(number) + len(number) % 2),
        "not_before": own.not_valid_before_utc.strftime(when),
        "not_after": own.not_valid_after_utc.strftime(when),
    }


@pytest.mark.parametrize("size", [1, 100_000, 5_000_000])
def test_bodies_of_any_size_pass(start, size):
    assert start().ask(bytes(size))["size"] == size


def test_many_requests_over_one_connection_are_all_known(start):
    connection = start().connect()
    for size in (3, 0, 70_000):
        connection.request("POST", "/", bytes(size))
        found = json.loads(connection.getresponse().read())
        assert (found["size"], found["shown"]["subject"]) == (size, "CN=till-7")
    connection.close()


def test_http_2_is_known_too(start):
    server = start()
    command = ["curl", "--silent", "--http2", "--write-out", " %{http_version}", "-d", "123"]
    command += ["--cacert", str(server.authority), "--cert", server.client[0]]
    command += ["--key", server.client[1], f"https://localhost:{server.port}/"]
    text, _, version = subprocess.check_output(command, text=True).rpartition(" ")
    found = json.loads(text)
    assert (version, found["size"], found["shown"]["subject"]) == ("2", 3, "CN=till-7")


def test_whoever_finds_the_inner_port_is_refused(start):
    server = start()
    ours = {one.laddr.port for one in psutil.Process().net_connections() if one.status == "LISTEN"}
    refused = 0
    for port in ours - {server.port}:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("POST", "/", b"123")
            response = connection.getresponse()
            refused += (response.status, response.read()) == (403, b"TLS only")
        except (http.client.HTTPException, OSError):
            pass  # of another test
        finally:
            connection.close()
    assert refused == 1


def test_a_client_that_never_shows_a_certificate_harms_no_other(start):
    server = start(serve_idle_seconds=0.5, serve_max_connections=4)
    silent = [socket.create_connection(("localhost", server.port)) for _ in range(12)]
    begun = time.monotonic()
    assert server.ask(b"1")["size"] == 1
    assert time.monotonic() - begun < 15
    for one in silent:
        one.close()


def test_a_connection_without_a_request_is_ended(start):
    server = start(serve_idle_seconds=0.5)
    connection = server.connect()
    connection.connect()
    connection.sock.settimeout(20)
    assert connection.sock.recv(100) == b""
    connection.close()


def test_a_drain_lets_a_request_finish(tmp_path, monkeypatch):
    monkeypatch.setattr(Echo, "gate", threading.Event())
    monkeypatch.setattr(Echo, "entered", threading.Semaphore(0))
    server = _Server(tmp_path, Echo)
    asked, answers = in_threads(1, lambda: server.ask(b"wait")["size"])
    assert Echo.entered.acquire(timeout=20)
    drains, drained = in_threads(1, lambda: server.drain(20))
    time.sleep(0.8)
    Echo.gate.set()
    for thread in asked + drains:
        thread.join(30)
    assert (answers, drained) == ([4], [True])


def test_an_event_says_the_same_as_a_record(start):
    server = start()
    shown = server.ask()["shown"]
    head = Head("POST", "/", "", "HTTP/1.1", (), "::1", "r-1", ClientCertificate(**shown))
    event = http_event(head, b"1")
    assert [record_of(head, b"1")] == pick(event).records(event)
    assert event["requestContext"]["authentication"]["clientCert"]["subjectDN"] == "CN=till-7"
    assert Path(server.client[0]).read_text().startswith(shown["pem"])
