"""A worker sees the same of a request, whichever service has sent it."""

import pytest

from headrace.errors import MalformedEvent
from headrace.request import ClientCertificate, read_cookies
from headrace.sources import pick
from headrace.testing import http_event, http_record, kafka_record

KINDS = ("v1", "v2", "function-url", "alb", "alb-multi-value")
SHOWN = {
    "clientCertPem": "-----BEGIN CERTIFICATE-----",
    "subjectDN": "CN=till-7,O=Shop",
    "issuerDN": "CN=Shop CA",
    "serialNumber": "a1:a1",
    "validity": {"notBefore": "May 28 12:30:02 2026 GMT", "notAfter": "Aug  5 09:36:04 2027 GMT"},
}
CERTIFICATE = ClientCertificate(
    pem="-----BEGIN CERTIFICATE-----",
    subject="CN=till-7,O=Shop",
    issuer="CN=Shop CA",
    serial_number="a1:a1",
    not_before="May 28 12:30:02 2026 GMT",
    not_after="Aug  5 09:36:04 2027 GMT",
)


def request_of(event):
    (record,) = pick(event).records(event)
    return record.request


@pytest.mark.parametrize("kind", KINDS)
def test_method_path_query_and_cookies(kind):
    request = http_record(
        {},
        kind=kind,
        method="PUT",
        path="/orders/7",
        query={"name": "a & b", "empty": ""},
        headers={"cookie": "one=1; two=2"},
    ).request

    assert (request.method, request.path) == ("PUT", "/orders/7")
    assert request.query == (("name", "a & b"), ("empty", ""))
    assert request.cookies == {"one": "1", "two": "2"}
    assert (request.claims, request.path_parameters, request.client_certificate) == ({}, {}, None)
    assert (request.parameter("name"), request.parameter("none", "x")) == ("a & b", "x")


@pytest.mark.parametrize("kind", ["v1", "v2", "function-url", "alb-multi-value"])
def test_a_parameter_that_repeats_keeps_its_values(kind):
    request = http_record({}, kind=kind, query={"x": ["1,5", "2"]}).request

    assert request.query == (("x", "1,5"), ("x", "2"))


@pytest.mark.parametrize("many", [None, {}])
def test_parameters_are_read_where_they_are(many):
    event = http_event(kind="v1", query={"x": "1"}) | {"multiValueQueryStringParameters": many}

    assert request_of(event).query == (("x", "1"),)


@pytest.mark.parametrize("kind", ["v1", "v2"])
def test_path_parameters_and_claims_of_a_test_s_own(kind):
    request = http_record({}, kind=kind, path_parameters={"id": "7"}, claims={"sub": "u1"}).request

    assert (request.path_parameters, request.claims) == ({"id": "7"}, {"sub": "u1"})


@pytest.mark.parametrize(
    ("kind", "authorizer", "claims"),
    [
        ("v1", {"claims": {"sub": "u1"}}, {"sub": "u1"}),  # a user pool
        ("v1", {"principalId": "p", "tier": "gold"}, {"principalId": "p", "tier": "gold"}),
        ("v2", {"jwt": {"claims": {"sub": "u1"}, "scopes": ["a"]}}, {"sub": "u1"}),
        ("v2", {"lambda": {"tier": "gold"}}, {"tier": "gold"}),
        ("v2", {"lambda": None}, {}),
        ("v1", {"claims": None, "scopes": None}, {}),  # an HTTP API's 1.0, without an authorizer
        ("v2", {"jwt": {"claims": None, "scopes": None}}, {}),
        ("v2", {"lambda": {"claims": {"a": 1}, "b": 2}}, {"claims": {"a": 1}, "b": 2}),
        (
            "function-url",
            {"iam": {"userArn": "arn:aws:iam::1:user/u"}},
            {"userArn": "arn:aws:iam::1:user/u"},
        ),
    ],
)
def test_claims_are_what_the_authorizer_says(kind, authorizer, claims):
    event = http_event({}, kind=kind)
    event["requestContext"]["authorizer"] = authorizer

    assert request_of(event).claims == claims


def test_a_cookie_with_half_a_surrogate_pair_is_read():
    event = http_event({}, kind="v2") | {"cookies": ["a=\ud800"]}

    assert request_of(event).cookies == {"a": "\ud800"}


@pytest.mark.parametrize(("kind", "place"), [("v1", "identity"), ("v2", "authentication")])
def test_the_client_s_certificate(kind, place):
    event = http_event({}, kind=kind)
    event["requestContext"][place] = {"clientCert": SHOWN}

    assert request_of(event).client_certificate == CERTIFICATE


@pytest.mark.parametrize("part", ["pathParameters", "queryStringParameters", "rawQueryString"])
def test_what_no_service_sends_is_refused(part):
    event = http_event({}, kind="v2") | {part: 7}

    with pytest.raises(MalformedEvent, match=part):
        pick(event).records(event)


def test_other_records_have_no_request():
    assert kafka_record({}).request is None


@pytest.mark.parametrize(
    ("line", "cookies"),
    [("", {}), ("a", {}), ("=b", {}), ('a="b c"', {"a": "b c"}), ("a=1; a=2;", {"a": "1"})],
)
def test_odd_cookies_harm_nothing(line, cookies):
    assert read_cookies([line]) == cookies
