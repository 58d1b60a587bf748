"""HTTP: each service takes a header that repeats in a way of its own, and no cookie is lost."""

import pytest

from headrace import Reply, Worker, lambda_handler
from headrace.errors import MalformedEvent
from headrace.sources import pick
from headrace.testing import http_event

KINDS = ("v1", "v2", "function-url", "alb", "alb-multi-value")
COOKIES = (("set-cookie", "a=1"), ("Set-Cookie", "b=2; Path=/"), ("x-tag", "1"), ("X-Tag", "2"))


def answer(kind, headers=COOKIES):
    reply = Reply(b"{}", headers=headers)
    handler = lambda_handler(type("Replying", (Worker,), {"process": lambda self, _: reply}))
    return handler(http_event({}, kind=kind))


def sent(response):
    """The headers that the service sends on: names in lower case, in the order of names."""
    pairs = [
        *response.get("headers", {}).items(),
        *((n, v) for n, many in response.get("multiValueHeaders", {}).items() for v in many),
        *(("set-cookie", cookie) for cookie in response.get("cookies", ())),
    ]
    return sorted((name.lower(), value) for name, value in pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_every_cookie_reaches_the_caller(kind):
    cookies = [value for name, value in sent(answer(kind)) if name == "set-cookie"]

    assert cookies == ["a=1", "b=2; Path=/"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_that_repeats_keeps_all_its_values(kind):
    values = [value for name, value in sent(answer(kind)) if name == "x-tag"]

    assert ", ".join(values) == "1, 2"


def test_each_service_gets_the_fields_that_it_reads():
    fields = {
        kind: answer(kind).keys() - {"statusCode", "body", "isBase64Encoded"} for kind in KINDS
    }

    assert fields == {
        "v1": {"headers", "multiValueHeaders"},
        "v2": {"headers", "cookies"},
        "function-url": {"headers", "cookies"},
        "alb": {"headers"},
        "alb-multi-value": {"multiValueHeaders"},
    }


def test_a_load_balancer_with_multi_value_headers_learns_the_content_type():
    response = answer("alb-multi-value", ())

    assert response["multiValueHeaders"] == {"content-type": ["application/json"]}


def test_seven_cookies_have_seven_names_for_a_load_balancer():
    many = tuple(("set-cookie", f"c{n}={n}") for n in range(7))

    assert len(answer("alb", many)["headers"]) == 8


def test_a_direct_caller_gets_all_values_of_a_header():
    response = lambda_handler(
        type("Replying", (Worker,), {"process": lambda self, _: Reply(b"{}", headers=COOKIES)})
    )({})

    assert sent(response)[1:3] == [("set-cookie", "a=1"), ("set-cookie", "b=2; Path=/")]


@pytest.mark.parametrize("kind", KINDS)
def test_cookies_of_the_request_are_one_header(kind):
    event = http_event({}, kind=kind, headers={"cookie": "a=1; b=2"})
    (record,) = pick(event).records(event)

    assert [value for name, value in record.headers if name == "cookie"] == [b"a=1; b=2"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("read", ["json", "text"])
def test_a_request_without_a_body_says_so(kind, read):
    handler = lambda_handler(
        type("Reading", (Worker,), {"process": lambda self, record: getattr(record, read)()})
    )
    response = handler(http_event(kind=kind))

    assert response["statusCode"] == 400
    assert '"detail":"the request has no body"' in response["body"]


WINDOW = {
    "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:02:00Z"},
    "state": {},
    "shardId": "shardId-000000000006",
    "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
    "isWindowTerminatedEarly": False,
}


@pytest.mark.parametrize(
    "event",
    [
        WINDOW | {"isFinalInvokeForWindow": True, "Records": []},
        WINDOW | {"isFinalInvokeForWindow": False, "Records": [{"eventSource": "aws:kinesis"}]},
    ],
)
def test_a_tumbling_window_is_refused_before_any_record_is_processed(event):
    def process(self, record):
        raise AssertionError("nothing is to be processed")

    handler = lambda_handler(type("Counting", (Worker,), {"process": process}))

    with pytest.raises(MalformedEvent, match="keeps no state of a tumbling window"):
        handler(event)
