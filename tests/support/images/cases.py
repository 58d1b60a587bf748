"""Every hostile case for the image loader: what is offered, and the kind of error that answers it.

Run as a program, it goes through all of them and prints by how much the process grew.
"""

import json
import re
import socket
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from headrace.images import ImageError, ImageLoader, ImageSettings, decode
from tests.support.images import files
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

MAX_PIXELS = 25_000_000
PUBLIC = "93.184.216.34"

URLS: dict[str, str] = {
    "": "scheme",
    "example.com/a.png": "scheme",
    "//example.com/a.png": "scheme",
    "/etc/passwd": "scheme",
    "file:///etc/passwd": "scheme",
    "ftp://example.com/a.png": "scheme",
    "gopher://example.com/_": "scheme",
    "javascript:alert(1)": "scheme",
    "view-source:https://example.com/": "scheme",
    "http://example.com/a.png": "scheme",
    "HTTP://EXAMPLE.COM/a.png": "scheme",
    "data:image/png;base64,iVBORw0KGgo=": "scheme",
    "s3://bucket/key.png": "scheme",
    "https:": "url",
    "https://": "url",
    "https:///a.png": "url",
    "https:/example.com/a.png": "url",
    "https:example.com/a.png": "url",
    "https://?a.png": "url",
    "https://:443/a.png": "url",
    # credentials
    "https://user@example.com/a.png": "url",
    "https://user:secret@example.com/a.png": "url",
    "https://@example.com/a.png": "url",
    "https://example.com:443@10.0.0.1/a.png": "url",
    "https://example.com%40@10.0.0.1/": "url",
    # characters that parsers read differently
    "https:\\\\example.com\\a.png": "url",
    "https://example.com\\@10.0.0.1/": "url",
    "https://example.com\\.internal/": "url",
    "https://example.com/a b.png": "url",
    " https://example.com/a.png": "url",
    "https://example.com/a.png\n": "url",
    "https://exam\tple.com/a.png": "url",
    "ht\ntps://example.com/a.png": "url",
    "https://example.com/\r\nHost: internal\r\n\r\n": "url",
    "https://example.com/?q=\r\nX-Injected: 1": "url",
    "https://example.com\0.internal/": "url",
    "https://example.com/\x7f": "url",
    "https://example.com/\x85": "url",
    "https://example.com/\u2028": "url",
    "https://example.com/\ud800": "url",
    # hosts outside ASCII
    "https://exam\u200bple.com/": "url",
    "https://exam\u00adple.com/": "url",
    "https://b\u00fccher.example/": "url",
    "https://\u0435xample.com/": "url",
    "https://example\u3002com/": "url",
    "https://127\u30020\u30020\u30021/": "url",
    "https://127\uff0e0\uff0e0\uff0e1/": "url",
    "https://\u2460\u2461\u2466.0.0.1/": "url",
    "https://\uff11\uff10.0.0.1/": "url",
    "https://example.com\uff0f@10.0.0.1/": "url",
    "https://example.com\u2100.internal/": "url",
    "https://exa%6dple.com/": "url",
    "https://127.0.0.1%2f.example.com/": "url",
    # names that are none
    "https://example..com/": "url",
    "https://.example.com/": "url",
    "https://example.com./": "url",
    "https://-example.com/": "url",
    "https://exam!ple.com/": "url",
    f"https://{'a' * 64}.com/": "url",
    f"https://{'a.' * 130}com/": "url",
    f"https://example.com/{'a' * 9000}": "url",
    # addresses in disguise
    "https://2130706433/": "url",
    "https://0x7f000001/": "url",
    "https://0x7f.0.0.1/": "url",
    "https://0X7F.1/": "url",
    "https://127.1/": "url",
    "https://127.0.1/": "url",
    "https://0177.0.0.1/": "url",
    "https://017700000001/": "url",
    "https://127.0.0.01/": "url",
    "https://127.0.0.1./": "url",
    "https://127.0.0.256/": "url",
    "https://1.2.3.4.5/": "url",
    "https://4294967296/": "url",
    "https://[::1/": "url",
    "https://::1/": "url",
    "https://[::1]extra/": "url",
    "https://[::1]extra:443/": "url",
    "https://[]/": "url",
    "https://[v1.fe80]/": "url",
    "https://[127.0.0.1]/": "url",
    "https://[fe80::1%eth0]/": "url",
    "https://[fe80::1%25eth0]/": "url",
    "https://[2606:4700::1111%1]/": "url",
    # ports
    "https://example.com:22/": "port",
    "https://example.com:8443/": "port",
    "https://example.com:0/": "port",
    "https://example.com:65979/": "port",
    "https://example.com:-443/": "url",
    "https://example.com:+443/": "url",
    "https://example.com:443:443/": "url",
    "https://example.com:0x1bb/": "url",
    "https://example.com:\u0664\u0664\u0663/": "url",
    # addresses as they are
    "https://127.0.0.1/": "address",
    "https://0.0.0.0/": "address",
    "https://10.1.2.3/": "address",
    "https://172.16.0.1/": "address",
    "https://192.168.1.1/": "address",
    "https://100.64.0.1/": "address",
    "https://169.254.169.254/latest/meta-data/": "address",
    "https://168.63.129.16/metadata": "address",
    "https://192.0.0.192/": "address",
    "https://224.0.0.1/": "address",
    "https://255.255.255.255/": "address",
    "https://[::]/": "address",
    "https://[::1]/": "address",
    "https://[::127.0.0.1]/": "address",
    "https://[::ffff:127.0.0.1]/": "address",
    "https://[::ffff:8.8.8.8]/": "address",
    "https://[64:ff9b::7f00:1]/": "address",
    "https://[64:ff9b::808:808]/": "address",
    "https://[64:ff9b:1::808:808]/": "address",
    "https://[2002:7f00:1::1]/": "address",
    "https://[2001:0:53aa:64c::1]/": "address",
    "https://[2001:db8::1]/": "address",
    "https://[3fff::1]/": "address",
    "https://[fe80::1]/": "address",
    "https://[fd00:ec2::254]/": "address",
    "https://[fec0::1]/": "address",
    "https://[ff02::1]/": "address",
    # names of such addresses
    "https://localhost/": "address",
    "https://LOCALHOST:443/": "address",
}

ANSWERS: dict[tuple[str, ...], str] = {
    (): "dns",
    ("no address",): "dns",
    ("127.0.0.1",): "address",
    (PUBLIC, "127.0.0.1"): "address",
    ("127.0.0.1", PUBLIC): "address",
    (PUBLIC, "10.0.0.1", "1.1.1.1"): "address",
    (PUBLIC, "::1"): "address",
    (PUBLIC, "169.254.169.254"): "address",
    (PUBLIC, "100.100.100.200"): "address",
    ("2606:4700::1111", "fe80::1%eth0"): "address",
    ("2606:4700::1111%1",): "address",
    ("::ffff:93.184.216.34",): "address",
    ("64:ff9b::5db8:d822",): "address",
    ("2002:5db8:d822::1",): "address",
    ("239.255.255.250",): "address",
}

_PNG = files.encode(files.picture(), "PNG")
_JPEG = files.encode(files.picture(), "JPEG")
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
    "hop-5": (answer(_PNG), ""),
    # encodings
    "gzip": (answer(zlib.compress(_PNG, wbits=31), "200 OK", "Content-Encoding: gzip"), "encoding"),
    "deflate": (answer(zlib.compress(_PNG), "200 OK", "Content-Encoding: deflate"), "encoding"),
    "br": (answer(_PNG, "200 OK", "Content-Encoding: br"), "encoding"),
    "two-encodings": (
        answer(_PNG, "200 OK", "Content-Encoding: identity", "Content-Encoding: gzip"),
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
        answer(_PNG, "200 OK", "Content-Encoding: identity, gzip"),
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
    "ends-early": (raw(OK + b"Content-Length: 99999\r\n\r\n" + _PNG), "truncated"),
    "chunk-ends-early": (raw(_CHUNKED + b"fff\r\nabc"), "truncated"),
    "no-last-chunk": (raw(_CHUNKED + b"3\r\nabc\r\n"), "truncated"),
    "chunk-nonsense": (raw(_CHUNKED + b"zz\r\nabc\r\n"), "truncated"),
    "length-too-short": (raw(OK + b"Content-Length: 999\r\n\r\n" + _JPEG), "truncated"),
    "no-length-cut": (raw(OK + b"\r\n" + _PNG[:-20]), "truncated"),
    "negative-length": (raw(OK + b"Content-Length: -1\r\n\r\n" + _PNG[:-20]), "truncated"),
    "reset": (reset, "connect"),
    "closes": (raw(b""), "connect"),
    "endless-hints": (forever(_HINTS * 100), "protocol"),
    "upgrades": (raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "status"),
    "not-http": (raw(b"220 mail.internal ESMTP\r\n" + b"secret" * 10), "protocol"),
    "http-0.9": (raw(_PNG), "protocol"),
    "http-2": (raw(b"HTTP/2 200\r\n\r\n"), "protocol"),
    "bad-status": (raw(b"HTTP/1.1 abc OK\r\n\r\n"), "protocol"),
    "many-headers": (raw(OK + b"X: 1\r\n" * 10_000 + b"\r\n"), "protocol"),
    "endless-line": (forever(b"x" * 65536, OK + b"X: "), "protocol"),
    "status-204": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "status"),
    "status-206": (answer(_PNG, "206 Partial Content"), "status"),
    "status-300": (answer(_PNG, "300 Multiple Choices"), "status"),
    "status-304": (raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "status"),
    "status-404": (answer(_PNG, "404 Not Found"), "status"),
    "status-503": (answer(_PNG, "503 Busy"), "status"),
    "status-999": (answer(_PNG, "999 Denied"), "status"),
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

_GIF = files.encode(files.picture(), "GIF")
_WEBP = files.encode(files.picture(), "WEBP")
_LARGE_PNG = files.png(5_000, 5_000, pixels=bytes(5_000 * 15_001))
_LATER_FRAME = b"," + bytes(9) + b"\2"
_COMMENT = b"!\xfe" + b"\x02ab" * 1_000_000 + b"\0"

FILES: dict[str, tuple[bytes, str]] = {
    # more pixels than anyone needs
    "png-huge": (files.png(2**31 - 1, 2**31 - 1), "pixels"),
    "png-65535": (files.png(65_535, 65_535), "pixels"),
    "png-just-over": (files.png(5_001, 5_000, pixels=bytes(5_000 * (3 * 5_001 + 1))), "pixels"),
    "png-long": (files.png(25_000_001, 1), "pixels"),
    "gif-huge": (files.gif((65_535, 65_535), (1, 1)), "pixels"),
    "gif-huge-frame": (files.gif((1, 1), (65_535, 65_535)), "pixels"),
    "gif-large-frame": (files.gif((1, 1), (6_000, 6_000)), "pixels"),
    "jpeg-huge": (files.jpeg_of_size(65_500, 65_500), "pixels"),
    "jpeg-large": (files.jpeg_of_size(10_000, 9_000), "pixels"),
    "webp-huge": (files.webp(16_383, 16_383), "pixels"),
    "webp-large": (files.webp(9_000, 9_000), "pixels"),
    # bombs of other kinds
    "jpeg-scans": (files.jpeg_of_scans(5_000), "decode"),
    "jpeg-segments": (_JPEG[:2] + b"\xff\xfe\0\2" * 500_000 + _JPEG[2:], "decode"),
    "png-chunks": (files.png(1, 1, files.chunk(b"prVt", b"") * 500_000), "decode"),
    "gif-comment": (files.gif((1, 1), (1, 1), _COMMENT), "decode"),
    "gif-tiny-blocks": (_GIF[:-1] + _LATER_FRAME + b"\1a" * 4_000_000 + b"\0;", "decode"),
    # truncated
    "jpeg-half": (_JPEG[: len(_JPEG) // 2], "truncated"),
    "jpeg-large-cut": (files.jpeg_of_size(5_000, 5_000)[:-2], "truncated"),
    "jpeg-no-end": (_JPEG[:-2], "truncated"),
    "jpeg-progressive-half": (
        files.encode(files.picture(), "JPEG", progressive=True)[:-200],
        "truncated",
    ),
    "jpeg-magic": (_JPEG[:3], "truncated"),
    "png-half": (_PNG[: len(_PNG) // 2], "truncated"),
    "png-no-end": (_PNG[:-1], "truncated"),
    "png-magic": (_PNG[:8], "truncated"),
    "gif-half": (_GIF[: len(_GIF) // 2], "truncated"),
    "gif-no-end": (_GIF[:-1], "truncated"),
    "gif-magic": (_GIF[:6], "truncated"),
    "gif-animation-cut": (files.animation("GIF")[:-10], "truncated"),
    "webp-half": (_WEBP[: len(_WEBP) // 2], "decode"),
    "webp-no-end": (_WEBP[:-1], "decode"),
    "webp-magic": (_WEBP[:12], "decode"),
    "webp-animation-cut": (files.animation("WEBP")[:-10], "decode"),
    "apng-cut": (files.animation("PNG")[:-20], "truncated"),
    # damaged
    "png-empty-size": (files.png(0, 0), "decode"),
    "png-few-pixels": (files.png(5_000, 5_000, pixels=b""), "decode"),
    "png-large-wrong-end": (_LARGE_PNG[:-76] + b"U" * 60 + _LARGE_PNG[-16:], "decode"),
    "png-no-pixels": (files.PNG_MAGIC + files.chunk(b"IEND", b""), "decode"),
    "png-wrong-sum": (_PNG.replace(_PNG[29:33], b"\0\0\0\0", 1), "decode"),
    "jpeg-zeros": (_JPEG[:20] + bytes(len(_JPEG)), "truncated"),
    "webp-zeros": (_WEBP[:20] + bytes(len(_WEBP) - 20), "decode"),
    # mislabelled
    "jpeg-magic-png": (b"\xff\xd8\xff" + _PNG, "truncated"),
    "png-magic-jpeg": (_PNG[:8] + _JPEG, "truncated"),
    "gif-magic-html": (b"GIF89a<script>;", "decode"),
    "riff-wav": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(20), "type"),
    "bmp": (files.encode(files.picture(), "BMP"), "type"),
    "tiff": (files.encode(files.picture(), "TIFF"), "type"),
    "ico": (files.encode(files.picture(), "ICO"), "type"),
    "ppm": (files.encode(files.picture(), "PPM"), "type"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "type"),
    "pdf": (b"%PDF-1.7\n", "type"),
    "svg": (b"<svg/>", "type"),
    "zip": (b"PK\x03\x04" + bytes(30), "type"),
    "avif": (b"\0\0\0\x20ftypavif" + bytes(20), "type"),
    "space-before": (b" " + _JPEG, "type"),
    "empty": (b"", "type"),
}

_ZEROS = files.compressed(bytes(50_000_000))
_CONTROL = files.chunk(b"acTL", b"\0\0\0\1\0\0\0\0")
_FAR_FRAME = files.chunk(b"fcTL", bytes(4) + b"\0\0\xff\xff\0\0\xff\xff" + bytes(14))
_EXIF_ENTRY = b"II*\0\x08\0\0\0\x01\0"

# Sound pictures of 96 x 64 whose metadata are huge, damaged or strange.
METADATA: dict[str, bytes] = {
    "png-text": files.png_with(files.chunk(b"zTXt", b"a\0\0" + _ZEROS)),
    "png-long-text": files.png_with(files.chunk(b"tEXt", b"a\0" + b"x" * 1_500_000)),
    "png-other-text": files.png_with(files.chunk(b"iTXt", b"a\0\1\0\0\0" + _ZEROS)),
    "png-profile": files.png_with(files.chunk(b"iCCP", b"a\0\0" + _ZEROS)),
    "png-profile-nonsense": files.png_with(files.chunk(b"iCCP", b"a\0\0nonsense")),
    "png-wrong-sum": files.png_with(files.chunk(b"tEXt", b"a\0b")[:-4] + b"\0\0\0\0"),
    "png-short": b"".join(
        [files.png_with(*(files.chunk(name, b"\1") for name in files.PNG_ANCILLARY))]
    ),
    "png-exif-wrong-sum": files.png_with(files.chunk(b"eXIf", _EXIF_ENTRY)[:-4] + b"\0\0\0\0"),
    "png-exif": files.png_with(files.chunk(b"eXIf", _EXIF_ENTRY)),
    "png-far-frame": files.png_with(_CONTROL, _FAR_FRAME),
    "png-bad-animation": files.png_with(files.chunk(b"acTL", bytes(8)), _CONTROL, _CONTROL),
    "jpeg-exif-cut": files.jpeg_with(0xE1, b"Exif\0\0" + _EXIF_ENTRY),
    "jpeg-exif-nonsense": files.jpeg_with(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
    "jpeg-exif-endless": files.jpeg_with(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff"),
    "jpeg-exif-empty": files.jpeg_with(0xE1, b"Exif\0\0"),
    "jpeg-profile-short": files.jpeg_with(0xE2, b"ICC_PROFILE\0"),
    "jpeg-pictures": files.jpeg_with(0xE2, b"MPF\0II*\0nonsense"),
    "jpeg-photoshop": files.jpeg_with(0xED, b"Photoshop 3.0\x008BIM"),
    "jpeg-jfif-short": files.jpeg_with(0xE0, b"JFIF"),
    "jpeg-adobe-short": files.jpeg_with(0xEE, b"Adobe"),
    "jpeg-comment": files.jpeg_with(0xFE, b""),
    "jpeg-thumbnail": files.jpeg_with(0xE1, b"http://a\0" + _JPEG[:20_000]),
    "jpeg-behind": _JPEG + b"\xff\xda" * 1000,
    "gif-newline": _GIF + b"\n",
    "gif-zeros": _GIF + bytes(100),
    "gif-web-page": _GIF + b"<html>;;,!" * 1000,
    "gif-control-short": files.gif_with(b"!\xf9\x01\0\0"),
    "gif-application": files.gif_with(b"!\xff\x0bNETSCAPE2.0\x01\x01\0"),
    "gif-comment": files.gif_with(b"!\xfe\xff" + bytes(255) + b"\0"),
    "webp-exif": files.encode(files.picture(), "WEBP", lossless=True, exif=_EXIF_ENTRY),
    "webp-behind": _WEBP + b"\n" * 1000,
}


def resolver(*addresses: str) -> Callable[..., list[Any]]:
    """A stand-in for getaddrinfo that always answers the same; localhost stays localhost."""

    def resolve(host: str, port: int, **_: object) -> list[Any]:
        found = ("127.0.0.1",) if host == "localhost" else addresses
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]

    return resolve


def no_connection(*_: object) -> socket.socket:
    raise AssertionError("a connection was opened")


def refused_by(action: Callable[[], object]) -> ImageError | None:
    """The error that an action is refused with, None if it is not refused."""
    try:
        action()
    except ImageError as error:
        return error
    return None


def url_loader(*addresses: str) -> ImageLoader:
    return ImageLoader(ImageSettings(), resolver=resolver(*addresses), connect=no_connection)


def route_loader(server: ImageServer, **settings: Any) -> ImageLoader:
    allowed = ImageSettings(image_allow_hosts=(f"127.0.0.1:{server.port}",), **settings)
    return ImageLoader(allowed, resolver=resolver(PUBLIC))


def hostile_server() -> ImageServer:
    return ImageServer({f"/{name}": route for name, (route, _) in ROUTES.items()})


def _go_through_all() -> int:
    """Returns how many were refused as they should be; says which were not."""
    offered: list[tuple[str, str, Callable[[], object]]] = []
    for url, kind in URLS.items():
        offered.append((url, kind, lambda url=url: url_loader(PUBLIC).fetch(url)))
    for addresses, kind in ANSWERS.items():
        loader = url_loader(*addresses)
        offered.append((str(addresses), kind, lambda loader=loader: loader.fetch("https://a.com/")))
    for data in METADATA.values():
        decode(data, max_pixels=MAX_PIXELS)
    for name, (data, kind) in FILES.items():
        offered.append((name, kind, lambda data=data: decode(data, max_pixels=MAX_PIXELS)))
    with hostile_server() as server:
        loader = route_loader(server, image_deadline_seconds=3.0)
        for name, (_, kind) in ROUTES.items():
            url = server.url(f"/{name}")
            if kind not in {"", "timeout"}:  # patience costs no memory
                offered.append((name, kind, lambda url=url: _load(loader, url)))
        results = [(name, kind, refused_by(action)) for name, kind, action in offered]
    # Counting ten megabytes byte by byte may take longer than the deadline: refused all the same.
    wrong = [case for case in results if not case[2] or case[2].kind not in {case[1], "timeout"}]
    sys.stderr.writelines(f"{case}\n" for case in wrong)
    return len(results) - len(wrong)


def _load(loader: ImageLoader, url: str) -> object:
    return decode(loader.fetch(url), max_pixels=MAX_PIXELS)


def _peak() -> int:
    """The most memory that was ever resident, in bytes; the kernel's own mark, Linux only.

    Not getrusage: a child's ru_maxrss starts at its parent's.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


if __name__ == "__main__":
    decode(_PNG, max_pixels=MAX_PIXELS)  # imports Pillow
    process = psutil.Process()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of making the files
    before = process.memory_info().rss
    count = _go_through_all()
    grown = {"peak": _peak() - before, "after": process.memory_info().rss - before}
    sys.stdout.write(json.dumps({"refused": count, **grown}) + "\n")
