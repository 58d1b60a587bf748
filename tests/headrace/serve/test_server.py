"""What the server answers."""

import json

import pytest

from headrace import Worker, lambda_handler
from tests.support import hosted
from tests.support.serving import PICTURE


class Target(Worker):
    def process(self, record):
        return [record.request.path, record.request.query]


pytestmark = pytest.mark.slow(seconds=1.5)


def test_a_request_becomes_the_worker_s_record_and_its_result_the_answer(start):
    status, headers, body = start().ask(body=b"12345", headers={"X-One": "a"})
    assert (status, headers["content-type"]) == (200, "application/json")
    found = json.loads(body)
    assert found["size"] == 5
    assert found["headers"]["x-one"] == "a"


def test_bytes_that_are_no_text_travel_both_ways(start):
    server = start()
    assert json.loads(server.ask(body=PICTURE)[2])["size"] == 256
    status, headers, body = server.ask(body=b"picture")
    assert (status, headers["content-type"], headers["x-size"]) == (200, "image/png", "256")
    assert body == PICTURE


def test_nothing_is_204(start):
    status, headers, body = start().ask(body=b"nothing")
    assert (status, body) == (204, b"")
    assert "content-length" not in headers


def test_a_rejected_request_gets_the_problem(start):
    status, headers, body = start().ask(body=b"reject")
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert json.loads(body)["detail"] == "not that"


def test_a_failure_keeps_its_secrets(start):
    status, _, body = start().ask(body=b"fail")
    assert status == 500
    assert b"secret" not in body


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
def test_other_methods_reach_the_worker_too(method, start):
    status, _, body = start().ask(method)
    assert (status, json.loads(body)["size"]) == (200, 0)


def test_head_is_the_answer_without_its_body(start):
    status, headers, body = start().ask("HEAD", body=b"picture")
    assert (status, headers["content-length"], body) == (200, "256", b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_tells_no_length(start, status):
    found, headers, body = start().ask(body=str(status).encode())
    assert (found, headers.get("content-length"), body) == (status, None, b"")


def test_a_header_of_the_worker_stands_in_place_of_the_server_s(start):
    server = start()
    _, headers, _ = server.ask(body=b"own headers", headers={"x-request-id": "asked"})
    assert headers.get_all("server") == ["mine"]
    assert headers.get_all("referrer-policy") == ["origin"]
    assert headers.get_all("x-content-type-options") == ["nosniff"]
    assert headers.get_all("x-request-id") == ["asked"]  # as in the log


def test_a_target_that_is_not_encoded_is_read_as_utf_8(start):
    sent = "GET /m\u00fcller?name=\u00e9&b=%C3%A9 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    found = json.loads(start(lambda_handler(Target)).send(sent.encode()).rpartition(b"\r\n")[2])
    assert found == ["/m%C3%BCller", [["name", "\u00e9"], ["b", "\u00e9"]]]


def test_a_connection_serves_many_requests(start):
    connection = start().connect()
    for size in range(5):
        connection.request("POST", "/", b"x" * size)
        assert json.loads(connection.getresponse().read())["size"] == size
    connection.close()


def test_requests_that_are_sent_at_once_are_answered_in_order(start):
    one = "POST / HTTP/1.1\r\nHost: h\r\nX-Number: {}\r\nContent-Length: 0\r\n{}\r\n"
    sent = "".join(one.format(n, "Connection: close\r\n" if n == 4 else "") for n in range(5))
    answer = start().send(sent.encode()).decode()
    numbers = [part.partition('"')[0] for part in answer.split('"x-number":"')[1:]]
    assert numbers == list("01234")


def test_it_is_healthy_at_once_and_ready_after_setup(start):
    server = start(opened=False)
    assert [server.ask("GET", path)[0] for path in ("/healthz", "/readyz")] == [200, 503]
    status, headers, _ = server.ask()
    assert (status, headers["retry-after"]) == (503, "1")
    server.open(hosted.handler)
    assert server.ask("GET", "/readyz")[0] == 200
