"""Bodies: however they are framed, up to the largest, and with which status."""

import pytest

from headrace.images import ImageError
from tests.support.images.loaders import route_loader
from tests.support.images.server import OK, ImageServer, answer, raw

EARLY_HINTS = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nContent-Length: 9\r\n\r\n"
)


@pytest.mark.parametrize(
    "response",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: 1\r\n\r\n",
        OK + b"Transfer-Encoding: Chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        OK + b"Content-Encoding: identity\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"\r\nabcde",
        b"HTTP/1.0 200 OK\r\n\r\nabcde",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nabcde",
        EARLY_HINTS + OK + b"Content-Length: 5\r\n\r\nabcde",
        EARLY_HINTS * 3 + OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" + EARLY_HINTS + OK + b"\r\nabcde",
        OK + b"Content-Encoding: aws-chunked\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding: AWS-chunked,\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding:\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding: identity, identity\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"Content-Encoding: , identity\r\nContent-Encoding: \r\n\r\nabcde",
        OK + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nabcde",
    ],
)
def test_body_is_read_however_it_is_framed(server: ImageServer, response: bytes):
    server.routes["/framed"] = raw(response)

    assert route_loader(server).fetch(server.url("/framed")) == b"abcde"


@pytest.mark.parametrize("size", ["-2", "-5", "zz", ""])
def test_a_chunk_whose_size_is_none_is_no_fault_of_ours(server: ImageServer, size: str):
    chunked = b"Transfer-Encoding: chunked\r\n\r\n" + size.encode() + b"\r\nabcde"
    server.routes["/framed"] = raw(OK + chunked)
    with pytest.raises(ImageError) as caught:
        route_loader(server).fetch(server.url("/framed"))
    assert caught.value.kind in {"protocol", "truncated"}


@pytest.mark.parametrize("framed", [True, False])
@pytest.mark.parametrize(("size", "refused"), [(100_000, False), (100_001, True)])
def test_size_is_capped_to_the_byte(server: ImageServer, framed: bool, size: int, refused: bool):
    server.routes["/big"] = answer(bytes(size)) if framed else raw(OK + b"\r\n" + bytes(size))
    loader = route_loader(server, image_max_bytes=100_000)

    if not refused:
        assert loader.fetch(server.url("/big")) == bytes(size)
        return
    with pytest.raises(ImageError) as caught:
        loader.fetch(server.url("/big"))
    assert caught.value.kind == "size"


@pytest.mark.parametrize(
    ("status", "transient"), [(404, False), (410, False), (429, True), (503, True)]
)
def test_status_says_whether_to_come_back(server: ImageServer, status: int, transient: bool):
    server.routes["/a"] = answer(b"", f"{status} secret reason")

    with pytest.raises(ImageError, match=str(status)) as caught:
        route_loader(server).fetch(server.url("/a"))

    assert caught.value.kind == "status"
    assert caught.value.transient is transient
    assert "secret" not in str(caught.value)
