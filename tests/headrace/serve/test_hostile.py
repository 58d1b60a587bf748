"""What callers may do to the server: each request gets an answer that is true, or none."""

from contextlib import suppress

import pytest

from tests.support.serving import HEAD, Echo, statuses

pytestmark = pytest.mark.slow(seconds=1)

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
REFUSED = {
    "two lengths": (b"Content-Length: 0\r\nContent-Length: 36\r\n", 400),
    "two lengths in one": (b"Content-Length: 0, 36\r\n", 400),
    "a length and chunks": (b"Content-Length: 36\r\nTransfer-Encoding: chunked\r\n", 411),
    "chunks and a length": (b"Transfer-Encoding: chunked\r\nContent-Length: 36\r\n", 411),
    "chunks": (b"Transfer-Encoding: chunked\r\n", 411),
    "an unknown coding": (b"Transfer-Encoding: xchunked\r\n", 400),
    "a line without a colon": (b"Content-Length 36\r\n", 400),
    "a space before a colon": (b"Content-Length : 36\r\n", 400),
    "a folded line": (b"X: a\r\n Content-Length: 36\r\n", 400),
    "a line end of one's own": (b"X: a\rContent-Length: 36\r\n", 400),
    "a zero": (b"X: a\0b\r\n", 400),
    "a sign": (b"Content-Length: -1\r\n", 400),
    "a number in disguise": (b"Content-Length: 1_0\r\n", 400),
    "a word": (b"Content-Length: many\r\n", 400),
    "five thousand digits": (b"Content-Length: " + b"9" * 5000 + b"\r\n", 400),
    "two hosts": (b"Host: other\r\n", 400),
    "a head of 100 kB": (b"X: " + b"a" * 100_000 + b"\r\n", 431),
    "a thousand headers": (b"X: a\r\n" * 1000, 431),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_request_that_two_servers_may_read_differently_is_refused(what, start):
    """And the connection closed: what follows is never taken for a request."""
    lines, status = REFUSED[what]
    server = start()
    assert statuses(server.send(HEAD + lines + b"\r\n" + SMUGGLED)) == [status]
    assert Echo.calls == 0


def test_a_head_of_megabytes_is_not_kept(start):
    """The client may not hear why: it still sends when the connection ends."""
    server = start()
    with suppress(ConnectionError):
        assert statuses(server.send(HEAD + b"X: " + b"a" * 6_000_000 + b"\r\n\r\n")) == [431]
    assert server.ask()[0] == 200
    assert Echo.calls == 1


def test_a_request_without_a_host_is_refused(start):
    server = start()
    assert statuses(server.send(b"GET / HTTP/1.1\r\n\r\n")) == [400]
    assert statuses(server.send(b"GET / HTTP/1.0\r\n\r\n")) == [200]  # it knew none


@pytest.mark.parametrize("target", ["//[", "*", "/%zz?%", "/?", "http://a.example/b?c", "/%00"])
def test_any_target_gets_an_answer(target, start):
    request = f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert statuses(start().send(request.encode())) == [200]


@pytest.mark.parametrize(
    "request_line", [b"hello", b"GET ? HTTP/1.1", b"GET /\xe9 HTTP/1.1", b"GET / HTTP/3.7", b"\0"]
)
def test_what_is_no_http_is_refused(request_line, start):
    assert statuses(start().send(request_line + b"\r\nHost: h\r\n\r\n")) == [400]


def test_a_server_is_no_proxy(start):
    answer = start().send(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n")
    assert statuses(answer) == [405]


@pytest.mark.parametrize("sent", [b"", b"ab"])
def test_half_a_body_is_no_call(sent, start):
    server = start()
    server.send(HEAD + b"Content-Length: 10\r\n\r\n" + sent, end=True)
    assert server.ask(body=b"x")[0] == 200
    assert Echo.calls == 1


def test_a_client_that_asks_whether_to_send_is_told(start):
    with start().socket() as connection:
        connection.sendall(
            HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"12345")
        assert statuses(connection.makefile("rb").read()) == [200]


def splitting(event, context):
    """A function that answers with what would be two responses."""
    return {"statusCode": 200, "headers": {"x-one": event["body"]}, "body": "x"}


def test_an_answer_cannot_be_split_and_the_reason_is_logged(start, monkeypatch):
    server, logged = start(splitting), []
    monkeypatch.setattr(server.log, "exception", lambda message, **_: logged.append(message))
    status, headers, _ = server.ask(body=b"a\r\nset-cookie: stolen=1")
    assert (status, headers.get("set-cookie")) == (500, None)
    assert server.ask(body=b"a")[0] == 200
    assert logged == ["call failed"]


def framing(event, context):
    """A function that says itself where its answer ends."""
    name, _, value = event["body"].partition(": ")
    return {"statusCode": 200, "headers": {name: value}, "body": "four"}


@pytest.mark.parametrize(
    "header", ["Transfer-Encoding: chunked", "content-length: 1", "content-length: x", "TE: gzip"]
)
def test_an_answer_does_not_say_itself_where_it_ends(header, start):
    server = start(framing)
    assert server.ask(body=header.encode())[0] == 500
    status, headers, body = server.ask(body=b"content-length: 4")
    assert (status, headers["content-length"], body) == (200, "4", b"four")
