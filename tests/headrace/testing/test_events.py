"""Events that the kit makes are those that AWS Lambda sends."""

import json
from pathlib import Path

import pytest

from headrace.record import KafkaPosition
from headrace.sources import pick
from headrace.testing import (
    http_event,
    kafka_event,
    kafka_record,
    kinesis_event,
    kinesis_record,
)

EVENTS = Path(__file__).parents[2] / "events"
RECORDED = {
    "alb": "alb",
    "v1": "api_gateway_v1",
    "v2": "api_gateway_v2",
    "function-url": "function_url",
}


def recorded(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


def records(event):
    return pick(event).records(json.loads(json.dumps(event)))


def test_plain_values_become_the_records_of_a_topic():
    first, second, third = records(kafka_event([{"id": 1}, "text", None], key="k", offset=7))
    assert (first.json(), second.text(), third.value) == ({"id": 1}, "text", None)
    assert [r.position for r in (first, third)] == [
        KafkaPosition("orders", 0, 7),
        KafkaPosition("orders", 0, 9),
    ]
    assert first.key == b"k"


def test_a_record_goes_into_an_event_as_it_is():
    record = kafka_record(
        b"\xff\x00", "k", topic="t", partition=3, offset=12, headers=[("a", "1"), ("a", b"\x80")]
    )
    assert records(kafka_event([record])) == [record]


def test_a_key_may_be_found_in_each_value():
    event = kafka_event([{"id": 1}, {"id": 2}], key=lambda order: f"k{order['id']}")
    assert [record.key for record in records(event)] == [b"k1", b"k2"]


def test_plain_values_go_on_after_a_record():
    event = kafka_event([kafka_record("a", offset=5), "b", kafka_record("c", offset=20), "d"])
    assert [record.position.offset for record in records(event)] == [5, 6, 20, 21]


def test_records_without_a_place_of_their_own_get_one_in_each_partition():
    event = kafka_event([kafka_record(n, partition=n % 2) for n in range(4)])
    places = {(r.position.partition, r.position.offset) for r in records(event)}
    assert places == {(0, 0), (0, 1), (1, 0), (1, 1)}


@pytest.mark.parametrize(("cluster", "name"), [("orders", "msk"), (None, "self_managed_kafka")])
def test_a_kafka_event_has_the_fields_of_a_recorded_one(cluster, name):
    made = kafka_event([kafka_record({"id": 1}, "a", headers={"b": "c"})], cluster=cluster)
    (first, *_) = recorded(name)["records"]["orders-0"]
    assert made.keys() == recorded(name).keys()
    assert made["eventSource"] == recorded(name)["eventSource"]
    assert made["records"]["orders-0"][0].keys() == first.keys()


def test_plain_values_become_the_records_of_a_shard():
    first, second = records(kinesis_event([{"id": 1}, {"id": 2}], sequence_number=99))
    assert [r.position.sequence_number for r in (first, second)] == ["99", "100"]
    assert first.key != second.key


def test_a_kinesis_record_goes_into_an_event_as_it_is():
    record = kinesis_record({"id": 1}, "k", stream="s", shard="shardId-000000000007")
    assert records(kinesis_event([record], stream="s")) == [record]


def test_a_kinesis_event_has_the_fields_of_a_recorded_one():
    made, known = kinesis_event([{"id": 1}])["Records"][0], recorded("kinesis")["Records"][0]
    assert (made.keys(), made["kinesis"].keys()) == (known.keys(), known["kinesis"].keys())


@pytest.mark.parametrize("kind", RECORDED)
def test_an_http_event_has_the_fields_of_a_recorded_one(kind):
    made, known = http_event({"a": 1}, kind=kind), recorded(RECORDED[kind])
    assert made.keys() == known.keys()
    assert known["requestContext"].keys() <= made["requestContext"].keys()
    (record,), (expected,) = records(made), records(known)
    assert (record.json(), record.source) == (expected.json(), expected.source)


KINDS = ["v1", "v2", "function-url", "alb", "alb-multi-value"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [None, b"\xff\xfe", "Zürich", {"id": 1}, [1], 0])
def test_a_body_arrives_as_it_was_sent(kind, body):
    (record,) = records(http_event(body, kind=kind))
    if isinstance(body, bytes):
        assert record.value == body
    elif isinstance(body, str):
        assert record.text() == body
    elif body is None:
        assert not record.value
    else:
        assert record.json() == body


@pytest.mark.parametrize("kind", KINDS)
def test_headers_arrive_and_the_content_type_follows_from_the_body(kind):
    (record,) = records(http_event({"a": 1}, kind=kind, headers={"X-Tag": "b"}))
    assert ("x-tag", b"b") in record.headers
    assert ("content-type", b"application/json") in record.headers


@pytest.mark.parametrize("kind", ["v1", "alb-multi-value"])
def test_a_header_may_come_twice(kind):
    (record,) = records(http_event({}, kind=kind, headers={"x-tag": ["a", "b"]}))
    assert [value for name, value in record.headers if name == "x-tag"] == [b"a", b"b"]


def test_api_gateway_joins_what_comes_twice_and_sets_cookies_apart():
    event = http_event(headers={"x-tag": ["a", "b"], "Cookie": "a=1; b=2"}, query={"q": ["1", "2"]})
    assert event["headers"] == {"x-tag": "a,b"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["queryStringParameters"] == {"q": "1,2"}
    assert event["rawQueryString"] == "q=1&q=2"


def test_a_request_without_a_body_is_a_get():
    assert http_event(kind="v1")["httpMethod"] == "GET"
    assert http_event({}, kind="v1")["httpMethod"] == "POST"
    assert http_event({}, kind="v1", method="PUT")["httpMethod"] == "PUT"
