"""Every event shape becomes the records that it holds, bytes exact."""

import json
from pathlib import Path

import pytest

from headrace.errors import MalformedEvent
from headrace.record import KafkaPosition, KinesisPosition, RequestPosition
from headrace.sources import pick

EVENTS = Path(__file__).parents[2] / "events"


def load(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


def records(name):
    event = load(name)
    return pick(event).records(event)


@pytest.mark.parametrize("name", ["msk", "self_managed_kafka", "self_managed_kafka_older"])
def test_kafka_event(name):
    first, keyless, tombstone, other = records(name)
    assert first.source == "kafka"
    assert first.id == "orders-0@100"
    assert first.position == KafkaPosition("orders", 0, 100)
    assert (first.key, first.json()) == (b"alice", {"id": 1, "amount": 9.5})
    assert first.timestamp == 1545084650987
    assert first.headers == (
        ("trace", b"abc"),
        ("trace", b"def"),
        ("flags", bytes([255, 128, 0, 127])),
    )
    assert (keyless.key, keyless.headers) == (None, ())
    assert (tombstone.value, tombstone.headers) == (None, (("reason", b"forget me"),))
    assert (other.position, other.text()) == (KafkaPosition("orders", 3, 7), "Zürich")


def test_kinesis_event():
    first, second = records("kinesis")
    assert first.source == "kinesis"
    assert first.position == KinesisPosition(
        "readings",
        "shardId-000000000006",
        "49590338271490256608559692538361571095921575989136588898",
    )
    assert first.id == f"shardId-000000000006:{first.position.sequence_number}"
    assert (first.key, first.value) == (b"1", b"Hello, this is a test.")
    assert first.timestamp == 1545084650987
    assert (second.key, second.json(), second.timestamp) == (b"sensor-9", {"id": 2}, 1545084711166)


def test_a_message_of_kafka_without_a_time_has_none():
    """Kafka writes -1, of which a lag of half a century came."""
    event = load("msk")
    event["records"]["orders-0"][0] |= {"timestamp": -1, "timestampType": "NO_TIMESTAMP_TYPE"}
    first = pick(event).records(event)[0]
    assert (first.timestamp, first.lag()) == (None, None)


def test_a_header_whose_value_is_null_is_missing_as_the_service_sends_no_name():
    event = load("msk")
    event["records"]["orders-0"][0]["headers"] = [{"a": [98]}, {}]
    assert pick(event).records(event)[0].headers == (("a", b"b"),)


def test_a_stream_is_known_by_the_name_of_its_consumer_too():
    event = load("kinesis")
    for record in event["Records"]:
        record["eventSourceARN"] += "/consumer/fast:1540591608"
    assert {record.position.stream for record in pick(event).records(event)} == {"readings"}


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("api_gateway_v1", "request-v1"),
        ("api_gateway_v2", "request-v2"),
        ("function_url", "request-url"),
        ("alb", "Root=1-5c536348-3d683b8b04734faae651f476"),
    ],
)
def test_http_event(name, identity):
    (record,) = records(name)
    assert (record.source, record.position) == ("http", RequestPosition(identity))
    assert (record.key, record.json()) == (None, {"a": 1})
    assert ("content-type", b"application/json") in record.headers


def test_repeated_http_headers_keep_their_order():
    (record,) = records("api_gateway_v1")
    assert [value for name, value in record.headers if name == "x-tag"] == [b"a", b"b"]


@pytest.mark.parametrize(
    "event", [{"a": 1}, {"records": "text"}, {"requestContext": 1}, [], None, 7]
)
def test_anything_else_is_a_direct_invocation(event):
    (record,) = pick(event).records(event)
    assert (record.source, record.json()) == ("direct", event)


@pytest.mark.parametrize("service", ["aws:ses", "aws:codecommit"])
def test_events_of_services_without_a_source_are_refused_by_name(service):
    event = {"Records": [{"eventSource": service}]}
    with pytest.raises(MalformedEvent, match=service):
        pick(event).records(event)


def broken(name, change):
    event = load(name)
    change(event)
    return event


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        (broken("msk", lambda e: e.pop("records")), "records"),
        (broken("msk", lambda e: e.update(records=[])), r"\$\.records"),
        (broken("msk", lambda e: e["records"]["orders-0"][0].pop("offset")), "offset"),
        (
            broken("msk", lambda e: e["records"]["orders-0"][1].update(value="%%")),
            r"base64.*\.value",
        ),
        (
            broken("msk", lambda e: e["records"]["orders-0"][0].update(headers=[{"a": "b"}])),
            "headers",
        ),
        (broken("kinesis", lambda e: e["Records"][1].pop("kinesis")), r"kinesis.*Records"),
        (broken("kinesis", lambda e: e["Records"][0]["kinesis"].update(data=5)), r"\.data"),
        (broken("kinesis", lambda e: e["Records"].append(None)), "Records"),
        (broken("api_gateway_v2", lambda e: e.update(headers=3)), r"\$\.headers"),
    ],
)
def test_a_malformed_event_gives_one_error_that_names_the_place(event, complaint):
    with pytest.raises(MalformedEvent, match=complaint) as raised:
        pick(event).records(event)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("number", ["", "x", "\u0661", "\ud800", "1" * 201, "1.5", "-1"])
def test_a_sequence_number_is_made_of_digits(number):
    event = broken("kinesis", lambda e: e["Records"][1]["kinesis"].update(sequenceNumber=number))

    with pytest.raises(MalformedEvent, match=r"sequence ?[nN]umber"):
        pick(event).records(event)
