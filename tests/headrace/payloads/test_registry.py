"""The registry over HTTP: what is asked once, what is a reject and what a retry."""

import contextlib
from time import sleep

import pytest
import urllib3

from headrace.payloads.registry.http import HttpRegistry
from headrace.payloads.schema import RegistryAway
from headrace.testing import run
from tests.support.http_server import LoopbackServer, QuietHandler
from tests.support.payloads.messages import ORDER
from tests.support.payloads.stand import Orders, Stand


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b"{}"),
        (500, b'{"error_code": 50001, "message": "no"}'),
        (401, b'{"error_code": 40101, "message": "Unauthorized"}'),
        (404, b"<html>no such path</html>"),
        (404, b'{"error_code": 404, "message": "HTTP 404 Not Found"}'),
        (302, b""),
        (200, b"nonsense"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"schema": "\\"string\\"", "references": 5}'),
        (200, b'{"schema": "\\"string\\"", "references": [{"name": "a"}]}'),
        (200, b'{"schema": "\\"string\\"", "references": ["a"]}'),
        (200, b'{"schema": "' + b"x" * 9_000_000 + b'"}'),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_answer_of_a_registry_is_a_retry_and_no_reject(status, body):
    with Stand(status, body) as stand:
        result = run(
            Orders, [b"\0\0\0\0\1x"], value_frame="confluent", schema_registry_url=stand.url
        )
    assert not result.rejects
    assert type(result.failures[0]) is RegistryAway
    is_none = body in {b"nonsense", b"[]", b"<html>no such path</html>"}
    assert not is_none or f"answered {status} without a JSON object" in str(result.failures[0])


class _Dripping(QuietHandler):
    """Sends an answer that never ends, byte by byte."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b" ")
                sleep(0.01)


def test_an_answer_that_does_not_end_is_not_waited_for():
    with LoopbackServer(_Dripping) as server, urllib3.PoolManager(retries=False) as pool:
        registry = HttpRegistry([f"http://{server.address}"], pool, {}, seconds=0.2)
        with pytest.raises(RegistryAway, match=r"an answer of more than 0\.2 seconds"):
            registry.schema(1)


def test_a_schema_that_the_registry_does_not_know_is_a_reject_and_asked_for_once():
    body = b'{"error_code": 40403, "message": "Schema 9 not found"}'
    with Stand(404, body) as stand:
        told = {"value_frame": "confluent", "schema_registry_url": stand.url}
        result = run(Orders, [b"\0\0\0\0\x09x"] * 20, **told)
    assert {letter.error for letter in result.rejects.values()} == {
        "the value cannot be read: the schema registry has no schema 9"
    }
    assert len(result.rejects) == 20
    assert len(stand.asked) == 1


def test_a_registry_that_is_away_holds_up_a_batch_once_and_the_records_come_again(
    registry, producer
):
    record = producer.record("AVRO", "v0", ORDER)
    told = {"value_frame": "confluent", "schema_registry_url": "http://127.0.0.1:1"}
    assert all(
        type(e) is RegistryAway for e in run(Orders, [record] * 50, **told).failures.values()
    )
    told["schema_registry_url"] = f"http://127.0.0.1:1,{registry.url}"  # another one answers
    assert run(Orders, [record], **told).results == [ORDER]
