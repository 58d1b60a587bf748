"""A web server on 127.0.0.1 that does whatever a test wants, certificates included."""

import datetime
import ipaddress
import socket
import socketserver
import ssl
import struct
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support import certificates
from tests.support.http_server import LoopbackServer

Route = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\n"


def raw(data: bytes) -> Route:
    return lambda connection: connection.sendall(data)


def answer(body: bytes = b"", status: str = "200 OK", *headers: str) -> Route:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return raw("\r\n".join(lines).encode() + body)


def redirect(location: str, status: str = "302 Found") -> Route:
    return answer(b"", status, f"Location: {location}")


def stall(head: bytes = b"") -> Route:
    """Sends the head, then nothing."""
    return forever(b"", head, every=0.1)


def forever(piece: bytes, head: bytes = b"", every: float = 0.0) -> Route:
    """Sends the head, then the piece again and again until the other side leaves."""

    def route(connection: socket.socket) -> None:
        connection.sendall(head)
        end = time.monotonic() + 30
        while time.monotonic() < end and not _has_left(connection):
            connection.sendall(piece)
            time.sleep(every)

    return route


def reset(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 1000\r\n\r\nabc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _has_left(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


class ImageServer(LoopbackServer):
    """Serves routes by path; use it in a `with` statement.

    Attributes:
        port: Where it listens.
        requests: The head of every request, as it came.
    """

    def __init__(
        self, routes: dict[str, Route] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.routes = routes or {}
        self.requests: list[str] = []
        self._tls = tls
        super().__init__(_Handler, socketserver.ThreadingTCPServer)

    def url(self, path: str) -> str:
        return f"http{'s' if self._tls else ''}://{self.address}{path}"

    def serve(self, connection: socket.socket) -> None:
        """Answer one request."""
        if self._tls:
            with self._tls.wrap_socket(connection, server_side=True) as secure:
                self._answer(secure)
        else:
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        head = connection.recv(65536)
        if not head.startswith(b"GET "):
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        while b"\r\n\r\n" not in head:
            if not (piece := connection.recv(65536)):
                return
            head += piece
        text = head.decode("latin-1")
        self.requests.append(text)
        path = text.split()[1].partition("?")[0]
        self.routes.get(path, answer(b"", "404 Not Found"))(connection)


class _Handler(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        with suppress(OSError):
            self.server.owner.serve(self.request)


class Authority:
    """A certificate authority that lives as long as a test run."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Test Authority")
        public = self._key.public_key()
        builder = _certificate(self._name, self._name, public, public)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        builder = builder.add_extension(certificates.SIGNS, True)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    def client(self) -> ssl.SSLContext:
        """A context that trusts this authority and no other."""
        pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, host: str, sni: list[str | None] | None = None) -> ssl.SSLContext:
        """A context with a certificate for a host; sni collects the names that clients ask for."""
        return _server_context(host, self._name, self._key, sni)


def self_signed(host: str) -> ssl.SSLContext:
    return _server_context(host, _name(host), None, None)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _server_context(
    host: str,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey | None,
    sni: list[str | None] | None,
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    builder = _certificate(_name(host), issuer, key.public_key(), (issuer_key or key).public_key())
    builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
    certificate = builder.sign(issuer_key or key, hashes.SHA256())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "both.pem")
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    if sni is not None:
        context.sni_callback = lambda _socket, name, _context: sni.append(name)
    return context
