"""A request is the event that API Gateway makes of it."""

import base64
import json
from email.message import Message
from pathlib import Path

import pytest

from headrace.serve.event import Request, http_answer, http_event
from headrace.sources import pick

GOLDEN = json.loads((Path(__file__).parents[2] / "events" / "api_gateway_v2.json").read_text())


def request(target="/predict", body=b"", method="POST", **headers):
    message = Message()
    for name, value in headers.items():
        for one in [value] if isinstance(value, str) else value:
            message[name.replace("_", "-")] = one
    return Request(method, target, "HTTP/1.1", message, body, "203.0.113.7")


def test_it_has_the_fields_of_a_recorded_event():
    event = http_event(request(body=b'{"a": 1}', Host="h", Content_Type="application/json"))
    assert event.keys() == GOLDEN.keys()
    assert event["requestContext"].keys() == GOLDEN["requestContext"].keys()
    assert event["requestContext"]["http"].keys() == GOLDEN["requestContext"]["http"].keys()
    assert event["body"] == GOLDEN["body"]


def test_the_worker_s_source_takes_it():
    event = http_event(request(body=b"\xff\x00", X_Request_Id="r-7", X_One=["a", "b"]))
    source = pick(event)
    (record,) = source.records(event)
    assert (source.name, record.id, record.value) == ("http", "r-7", b"\xff\x00")
    assert dict(record.headers)["x-one"] == b"a,b"


def test_queries_and_cookies_stand_where_api_gateway_puts_them():
    event = http_event(request("/a/b?x=1&x=2&y=&z=%C3%A9", Cookie="one=1; two=2"))
    assert (event["rawPath"], event["rawQueryString"]) == ("/a/b", "x=1&x=2&y=&z=%C3%A9")
    assert event["queryStringParameters"] == {"x": "1,2", "y": "", "z": "é"}
    assert event["cookies"] == ["one=1", "two=2"]
    assert "cookie" not in event["headers"]


def test_without_a_body_there_is_none():
    assert "body" not in http_event(request(method="GET"))


@pytest.mark.parametrize("body", ["text", ""])
def test_text_comes_out_as_bytes(body):
    response = {"statusCode": 201, "headers": {"a": "b"}, "body": body, "isBase64Encoded": False}
    assert http_answer(response) == (201, {"a": "b"}, body.encode())


def test_base64_comes_out_as_bytes():
    encoded = base64.b64encode(b"\x89PNG").decode()
    response = {"statusCode": 200, "body": encoded, "isBase64Encoded": True}
    assert http_answer(response).body == b"\x89PNG"
