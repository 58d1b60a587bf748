"""Hostile servers: what each answers, and the kind of error that it is refused with."""

import zlib

from tests.support.images import files
from tests.support.images.cases.sound import JPEG, PNG
from tests.support.images.server import (
    OK,
    ImageServer,
    Route,
    answer,
    forever,
    raw,
    redirect,
    reset,
    stall,
)

_HINTS = b"HTTP/1.1 103 Early Hints\r\n\r\n"
_CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def _many(data: bytes) -> Route:
    return raw(OK + b"Content-Length: %d\r\n\r\n" % len(data) + data)


# An empty kind marks what is only a step on another route's way.
ROUTES: dict[str, tuple[Route, str]] = {
    # redirects; the server is on an allowed host, what it points at is not
    "to-private": (redirect("https://10.0.0.1/a.png"), "address"),
    "to-private-name": (redirect("https://localhost/a.png"), "address"),
    "to-metadata": (redirect("https://169.254.169.254/latest/"), "address"),
    "to-other-port": (redirect("https://127.0.0.1:1/a.png"), "port"),
    "to-public-http": (redirect("http://example.com/a.png"), "scheme"),
    "to-file": (redirect("file:///etc/passwd"), "scheme"),
    "to-data": (redirect("data:image/png;base64,iVBORw0KGgo="), "scheme"),
    "to-s3": (redirect("s3://bucket/key"), "scheme"),
    "to-credentials": (redirect("https://a:b@example.com/"), "url"),
    "to-backslash": (redirect("https:\\\\example.com/"), "url"),
    "to-decimal": (redirect("https://2130706433/"), "url"),
    "to-idn": (redirect("https://b\u00fccher.example/"), "url"),
    "to-broken": (redirect("https://[::1/"), "redirect"),
    "to-nothing": (redirect(""), "redirect"),
    "no-location": (answer(b"", "302 Found"), "redirect"),
    "loop": (redirect("/loop"), "redirect"),
    "hop-1": (redirect("hop-2", "301 Moved"), "redirect"),
    "hop-2": (redirect("hop-3", "303 See Other"), ""),
    "hop-3": (redirect("hop-4", "307 Temporary Redirect"), ""),
    "hop-4": (redirect("hop-5", "308 Permanent Redirect"), ""),
    "hop-5": (answer(PNG), ""),
    # encodings
    "gzip": (answer(zlib.compress(PNG, wbits=31), "200 OK", "Content-Encoding: gzip"), "encoding"),
    "deflate": (answer(zlib.compress(PNG), "200 OK", "Content-Encoding: deflate"), "encoding"),
    "br": (answer(PNG, "200 OK", "Content-Encoding: br"), "encoding"),
    "two-encodings": (
        answer(PNG, "200 OK", "Content-Encoding: identity", "Content-Encoding: gzip"),
        "encoding",
    ),
    "gzip-bomb": (
        answer(files.compressed(bytes(50_000_000), wbits=31), "200 OK", "Content-Encoding: gzip"),
        "encoding",
    ),
    "gzip-transfer": (
        raw(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        "encoding",
    ),
    "listed-encoding": (
        answer(PNG, "200 OK", "Content-Encoding: identity, gzip"),
        "encoding",
    ),
    "chunked-twice": (
        raw(OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        "encoding",
    ),
    # time
    "silent": (stall(), "timeout"),
    "drip-status": (forever(b"H", every=0.02), "timeout"),
    "drip-header": (forever(b"X: 1\r\n", OK, every=0.02), "timeout"),
    "drip-line": (forever(b"x", OK + b"X: ", every=0.02), "timeout"),
    "drip-body": (forever(b"x", OK + b"Content-Length: 9999\r\n\r\n", every=0.02), "timeout"),
    "drip-chunks": (forever(b"1\r\nx\r\n", _CHUNKED, every=0.02), "timeout"),
    "drip-chunk-size": (forever(b"0", _CHUNKED, every=0.02), "timeout"),
    "drip-continue": (forever(b"HTTP/1.1 100 Continue\r\n\r\n", every=0.02), "timeout"),
    "drip-hints": (forever(_HINTS, every=0.2), "timeout"),
    "drip-trailer": (forever(b"X: 1\r\n", _CHUNKED + b"0\r\n", every=0.02), "timeout"),
    "stalled-body": (stall(OK + b"Content-Length: 9999\r\n\r\nabc"), "timeout"),
    # size
    "endless": (forever(bytes(65536), OK + b"\r\n"), "size"),
    "endless-chunks": (forever(b"10000\r\n" + bytes(65536) + b"\r\n", _CHUNKED), "size"),
    "tiny-chunks": (forever(b"1\r\nx\r\n" * 10_000, _CHUNKED), "size"),
    "chunk-extensions": (forever(b"1;" + b"x" * 60_000 + b"\r\nx\r\n", _CHUNKED), "size"),
    "negative-chunk": (forever(bytes(65536), _CHUNKED + b"-1\r\n"), "size"),
    "endless-continue": (forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), "size"),
    "endless-trailer": (forever(b"X: 1\r\n" * 10_000, _CHUNKED + b"0\r\n"), "size"),
    "claims-too-much": (raw(OK + b"Content-Length: 9999999999999999999\r\n\r\n"), "size"),
    "too-large": (_many(bytes(10_000_001)), "size"),
    "huge-chunk": (forever(bytes(65536), _CHUNKED + b"f" * 60 + b"\r\n"), "size"),
    # lies and nonsense
    "ends-early": (raw(OK + b"Content-Length: 99999\r\n\r\n" + PNG), "truncated"),
    "chunk-ends-early": (raw(_CHUNKED + b"fff\r\nabc"), "truncated"),
    "no-last-chunk": (raw(_CHUNKED + b"3\r\nabc\r\n"), "truncated"),
    "chunk-nonsense": (raw(_CHUNKED + b"zz\r\nabc\r\n"), "truncated"),
    "length-too-short": (raw(OK + b"Content-Length: 999\r\n\r\n" + JPEG), "truncated"),
    "no-length-cut": (raw(OK + b"\r\n" + PNG[:-20]), "truncated"),
    "negative-length": (raw(OK + b"Content-Length: -1\r\n\r\n" + PNG[:-20]), "truncated"),
    "reset": (reset, "connect"),
    "closes": (raw(b""), "connect"),
    "endless-hints": (forever(_HINTS * 100), "protocol"),
    "upgrades": (raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "status"),
    "not-http": (raw(b"220 mail.internal ESMTP\r\n" + b"secret" * 10), "protocol"),
    "http-0.9": (raw(PNG), "protocol"),
    "http-2": (raw(b"HTTP/2 200\r\n\r\n"), "protocol"),
    "bad-status": (raw(b"HTTP/1.1 abc OK\r\n\r\n"), "protocol"),
    "many-headers": (raw(OK + b"X: 1\r\n" * 10_000 + b"\r\n"), "protocol"),
    "endless-line": (forever(b"x" * 65536, OK + b"X: "), "protocol"),
    "status-204": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "status"),
    "status-206": (answer(PNG, "206 Partial Content"), "status"),
    "status-300": (answer(PNG, "300 Multiple Choices"), "status"),
    "status-304": (raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "status"),
    "status-404": (answer(PNG, "404 Not Found"), "status"),
    "status-503": (answer(PNG, "503 Busy"), "status"),
    "status-999": (answer(PNG, "999 Denied"), "status"),
    # other things under an image's name
    "html.png": (
        answer(b"<!doctype html><img>", "200 OK", "Content-Type: image/png"),
        "type",
    ),
    "svg.png": (
        answer(
            b'<svg xmlns="http://www.w3.org/2000/svg"/>', "200 OK", "Content-Type: image/svg+xml"
        ),
        "type",
    ),
    "empty.png": (answer(b""), "type"),
}


def hostile_server() -> ImageServer:
    return ImageServer({f"/{name}": route for name, (route, _) in ROUTES.items()})
