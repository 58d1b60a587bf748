"""Kafka: delivery reports reach their messages, order and bytes are kept."""

import uuid

import pytest
from confluent_kafka import Consumer, TopicPartition

from headrace.errors import NotDone, SettingsError
from headrace.kafka.msk_iam import client_settings
from headrace.sinks import Message, open_sink
from headrace.sinks.base import ContentRefused
from headrace.testing.mock_cluster import embedded_kafka


@pytest.fixture(scope="module")
def broker():
    with embedded_kafka({}) as bootstrap:
        yield bootstrap


@pytest.fixture
def topic():
    return f"sink-{uuid.uuid4().hex[:8]}"


def read(broker, topic, count):
    """The first messages of the topic (four partitions), by partition."""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "none"})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(4)])
    try:
        messages = consumer.consume(count, timeout=30)
    finally:
        consumer.close()
    assert len(messages) == count
    return messages


def test_key_value_and_headers_arrive_in_order(broker, topic):
    sink = open_sink(f"kafka://{broker}/{topic}")
    headers = (("h", b"\xff"), ("h", b""), ("é", b"2"))
    sent = [Message(b"\xff%d" % (i % 3), b"%d" % i, headers) for i in range(100)]
    odd = [Message(b"t", None), Message(None, b""), Message(b"", b"no key")]
    assert sink.send(sent + odd) == [None] * 103
    sink.close()
    received = read(broker, topic, 103)
    for key in {message.key for message in sent}:
        expected = [message.value for message in sent if message.key == key]
        assert [m.value() for m in received if m.key() == key] == expected
    assert {tuple(m.headers()) for m in received if m.key() == b"\xff0"} == {headers}
    others = {(m.key(), m.value()) for m in received if m.headers() is None}
    assert others == {(b"t", None), (None, b""), (b"", b"no key")}


def test_the_hosts_may_come_from_the_environment(broker, topic, monkeypatch):
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", broker)
    assert open_sink(f"kafka:///{topic}").send([Message(None, b"1")]) == [None]


def test_too_large_a_message_fails_and_holds_back_its_key_only(broker, topic):
    sink = open_sink(f"kafka://{broker}/{topic}?message.max.bytes=1000")
    large = b"x" * 2000
    failures = sink.send(
        [Message(k, v) for k, v in ((b"a", large), (b"a", b"1"), (b"b", b"2"), (None, large))]
    )
    sink.close()
    assert isinstance(failures[0], ContentRefused)
    assert isinstance(failures[1], NotDone)
    assert failures[2] is None
    assert isinstance(failures[3], ContentRefused)
    assert [m.value() for m in read(broker, topic, 1)] == [b"2"]


def test_a_queue_smaller_than_the_batch_is_drained(broker, topic):
    sink = open_sink(f"kafka://{broker}/{topic}?queue.buffering.max.messages=10")
    assert sink.send([Message(b"k", b"%d" % i) for i in range(200)]) == [None] * 200
    sink.close()
    assert [m.value() for m in read(broker, topic, 200)] == [b"%d" % i for i in range(200)]


def test_a_message_that_cannot_be_encoded_fails_alone(broker, topic):
    sink = open_sink(f"kafka://{broker}/{topic}")
    failures = sink.send([Message(None, b"1", (("\ud800", b""),)), Message(None, b"2")])
    sink.close()
    assert isinstance(failures[0], ValueError)
    assert failures[1] is None


def test_iam_in_the_url_is_the_process_s_own_aws_permissions(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    regions = []

    def noting(region):
        regions.append(region)
        return client_settings(region)

    monkeypatch.setattr("headrace.kafka.msk_iam.client_settings", noting)
    url = "kafka://b-1.x.c2.kafka.eu-west-1.amazonaws.com:9098/topic?sasl.mechanism=AWS_MSK_IAM"
    open_sink(url).close()
    open_sink(url + "&region=eu-west-3&security.protocol=SASL_SSL").close()
    assert regions == ["eu-west-1", "eu-west-3"]
    with pytest.raises(SettingsError, match="SASL_PLAINTEXT"):
        open_sink(url + "&security.protocol=SASL_PLAINTEXT")


def test_a_wrong_variable_for_signing_in_is_named(monkeypatch):
    monkeypatch.setenv("HEADRACE_SASL_MECHANISM", "KERBEROS")
    with pytest.raises(SettingsError, match="HEADRACE_SASL_MECHANISM"):
        open_sink("kafka://127.0.0.1:1/topic")


def test_a_sink_may_be_closed_twice(broker, topic):
    sink = open_sink(f"kafka://{broker}/{topic}")
    assert sink.send([Message(None, b"1")]) == [None]
    sink.close()
    sink.close()
