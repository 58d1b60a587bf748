"""A request is the event that API Gateway makes of it."""

import base64
import json
from pathlib import Path

import pytest

from headrace.serve.event import http_event
from headrace.serve.record import record_of
from headrace.sources import pick
from headrace.web.answer import http_answer
from headrace.web.head import Head

GOLDEN = json.loads((Path(__file__).parents[2] / "events" / "api_gateway_v2.json").read_text())


def head_of(target="/predict", method="POST", **headers):
    pairs = tuple(
        (name.replace("_", "-").lower(), one)
        for name, value in headers.items()
        for one in ([value] if isinstance(value, str) else value)
    )
    path, _, query = target.partition("?")
    return Head(method, path, query, "HTTP/1.1", pairs, "203.0.113.7", "r-7")


def event_of(target="/predict", body=b"", method="POST", **headers):
    return http_event(head_of(target, method, **headers), body)


@pytest.mark.parametrize("body", [b"", b"text", b"\xff\x00"])
@pytest.mark.parametrize("target", ["/", "/a%20b?x=1&x=2&y=&z=%C3%A9&w"])
@pytest.mark.parametrize("cookie", [(), "one=1; two=2", ["one=1", "two=2;three"]])
def test_a_worker_gets_the_same_record_with_and_without_an_event(body, target, cookie):
    head = head_of(target, X_One=["a", "b"], Cookie=cookie, X_Two="é")
    event = http_event(head, body)

    assert [record_of(head, body)] == pick(event).records(event)


def test_it_has_the_fields_of_a_recorded_event():
    event = event_of(body=b'{"a": 1}', Host="h", Content_Type="application/json")
    assert event.keys() == GOLDEN.keys()
    assert event["requestContext"].keys() == GOLDEN["requestContext"].keys()
    assert event["requestContext"]["http"].keys() == GOLDEN["requestContext"]["http"].keys()
    assert event["body"] == GOLDEN["body"]


def test_the_worker_s_source_takes_it():
    event = event_of(body=b"\xff\x00", X_Request_Id="r-7", X_One=["a", "b"])
    source = pick(event)
    (record,) = source.records(event)
    assert (source.name, record.id, record.value) == ("http", "r-7", b"\xff\x00")
    assert dict(record.headers)["x-one"] == b"a,b"


def test_queries_and_cookies_stand_where_api_gateway_puts_them():
    event = event_of("/a/b?x=1&x=2&y=&z=%C3%A9", Cookie="one=1; two=2")
    assert (event["rawPath"], event["rawQueryString"]) == ("/a/b", "x=1&x=2&y=&z=%C3%A9")
    assert event["queryStringParameters"] == {"x": "1,2", "y": "", "z": "é"}
    assert event["cookies"] == ["one=1", "two=2"]
    assert "cookie" not in event["headers"]


def test_without_a_body_there_is_none():
    assert "body" not in event_of(method="GET")


@pytest.mark.parametrize("body", ["text", ""])
def test_text_comes_out_as_bytes(body):
    response = {"statusCode": 201, "headers": {"a": "b"}, "body": body, "isBase64Encoded": False}
    assert http_answer(response) == (201, (("a", "b"),), body.encode())


def test_base64_comes_out_as_bytes():
    encoded = base64.b64encode(b"\x89PNG").decode()
    response = {"statusCode": 200, "body": encoded, "isBase64Encoded": True}
    assert http_answer(response).body == b"\x89PNG"


def test_headers_that_come_more_than_once_stay_so():
    response = {
        "statusCode": 200,
        "multiValueHeaders": {"X-One": ["a", "b"]},
        "cookies": ["one=1", "two=2"],
    }
    assert http_answer(response).headers == (
        *(("x-one", "a"), ("x-one", "b")),
        *(("set-cookie", "one=1"), ("set-cookie", "two=2")),
    )


@pytest.mark.parametrize(
    "response",
    [
        {"statusCode": 200, "headers": {"x-one": "a\r\nset-cookie: stolen=1"}},
        {"statusCode": 200, "headers": {"x-one": "a\nb"}},
        {"statusCode": 200, "headers": {"x one": "a"}},
        {"statusCode": 200, "headers": {"x-one: a\r\nx-two": "b"}},
        {"statusCode": 200, "cookies": ["a=1\r\nx: y"]},
        {"statusCode": 200, "multiValueHeaders": {"x": ["a\0"]}},
        {"statusCode": 101},
        {"statusCode": 1000},
    ],
)
def test_what_is_no_response_of_http_is_refused(response):
    with pytest.raises(ValueError, match="the worker answers with"):
        http_answer(response)
