"""What a reply may be: one response of HTTP, wherever it is sent."""

import pytest

from headrace import Reply


@pytest.mark.parametrize(
    "wrong",
    [
        {"headers": (("x-one", "a\r\nset-cookie: stolen=1"),)},
        {"headers": (("x-one", "a\nb"),)},
        {"headers": (("x-one", "a\0"),)},
        {"headers": (("x-one: a\r\nx-two", "b"),)},
        {"headers": (("", "b"),)},
        {"headers": (("Transfer-Encoding", "chunked"),)},
        {"headers": (("connection", "close"),)},
        {"headers": (("upgrade", "websocket"),)},
        {"headers": (("trailer", "x-sum"),)},
        {"headers": (("content-length", "1"),)},
        {"headers": (("Content-Length", "v"),)},
        {"content_type": "text/plain\r\nx: y"},
        {"status": 101},
        {"status": 0},
        {"status": 1000},
        {"status": "200"},
        {"status": 200.5},
    ],
)
def test_what_would_be_several_responses_is_none(wrong):
    with pytest.raises(ValueError, match="a reply cannot have"):
        Reply(b"", **wrong)


def test_headers_may_hold_anything_else():
    headers = (("X-One", 'caf\u00e9; a="b\t"'), ("set-cookie", "a=1"), ("set-cookie", "b=2"))
    assert Reply(b"", status=404, headers=headers).headers == headers


def test_the_length_that_the_body_has_may_be_said():
    headers = (("content-length", "2"),)
    assert Reply(b"ok", headers=headers).headers == headers


@pytest.mark.parametrize("body", ["text", None, {"a": 1}, bytearray(b"a")])
def test_a_body_is_bytes(body):
    with pytest.raises(TypeError, match=f"is bytes, not {type(body).__name__}"):
        Reply(body)


@pytest.mark.parametrize("kind", [None, b"text/plain"])
def test_a_content_type_is_text(kind):
    with pytest.raises(TypeError, match="the content type of a reply is text, not"):
        Reply(b"", kind)


def test_a_content_type_among_the_headers_is_that_of_the_reply():
    reply = Reply(b"a,b", headers=(("Content-Type", "text/csv"), ("x-one", "1")))
    assert reply == Reply(b"a,b", "text/csv", headers=(("x-one", "1"),))
    assert Reply(b"1", headers=(("content-type", "application/json"),)) == Reply(b"1")


@pytest.mark.parametrize(
    ("kind", "header"), [("text/csv", "text/html"), ("text/csv", "application/json")]
)
def test_two_content_types_are_refused(kind, header):
    with pytest.raises(ValueError, match="two content types"):
        Reply(b"", kind, headers=(("content-type", header),))


@pytest.mark.parametrize("headers", [{"ab": "c"}, {"x-one": "1"}, (("x-one", 1),), ("ab",)])
def test_headers_are_pairs_of_text(headers):
    with pytest.raises(TypeError, match="the headers of a reply are pairs of text"):
        Reply(b"", headers=headers)
