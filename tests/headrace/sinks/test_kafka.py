"""Kafka: delivery reports reach their messages, order and bytes are kept, nothing waits forever."""

import ctypes
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from headrace.errors import NotDone, SettingsError
from headrace.kafka.msk_iam import client_settings
from headrace.sinks import Message, open_sink
from headrace.sinks.base import ContentRefused
from headrace.sinks.kafka_errors import NotDeliveredError
from headrace.testing.mock_cluster import MockCluster, embedded_kafka
from tests.support.waiting import wait_until

# Kinds of requests, as Kafka's protocol numbers them.
_PRODUCE = 0
_INIT_PRODUCER_ID = 22


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


def test_with_a_dead_broker_every_message_has_its_reason_in_time():
    sink = open_sink("kafka://127.0.0.1:1/topic?delivery.timeout.ms=1000")
    start = time.monotonic()
    failures = sink.send([Message(b"k", b"1"), Message(None, b"2")])
    assert time.monotonic() - start < 6  # the timeout, and the margin for its being noticed
    assert all(isinstance(failure, KafkaException) for failure in failures)
    assert {failure.args[0].code() for failure in failures} == {KafkaError._MSG_TIMED_OUT}
    assert {"Message timed out" in str(failure) for failure in failures} == {True}
    sink.close()


@pytest.mark.parametrize(
    ("request_key", "code", "reason"),
    [
        (
            _INIT_PRODUCER_ID,
            KafkaError.CLUSTER_AUTHORIZATION_FAILED,
            "Cluster authorization failed",
        ),
        (_PRODUCE, KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "sequence"),
    ],
)
def test_a_fatal_error_costs_one_producer_not_the_sink(request_key, code, reason):
    """GIVEN an error that ends the client, THEN messages have the reason, and the next go out."""
    cluster = MockCluster()
    sink = open_sink(f"kafka://{cluster.bootstrap}/topic")
    cluster.create_topic("topic", 1)
    refuse_next(cluster, request_key, code)
    with ThreadPoolExecutor(1) as handler:  # in the main thread, what is lost may be a Ctrl-C
        sent = handler.submit(sink.send, [Message(b"k", b"1"), Message(None, b"2")])
    failures = sent.result()
    assert [type(failure) for failure in failures] == [NotDeliveredError] * 2
    # Now and then, the client loses its error on the way.
    assert all(reason in str(failure) or "Fatal" in str(failure) for failure in failures)
    assert sink.send([Message(None, b"3")]) == [None]
    assert sink.send([Message(None, b"4")]) == [None]
    sink.close()
    cluster.close()


def refuse_next(cluster, request_key, code):
    """Have the next request of a kind refused, which `MockCluster` has no need of otherwise."""
    push = cluster._library.rd_kafka_mock_push_request_errors_array
    push.restype = None
    push(
        ctypes.c_void_p(cluster._cluster), request_key, ctypes.c_size_t(1), (ctypes.c_int * 1)(code)
    )


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


def test_what_the_client_says_of_a_dead_broker_is_told_once(caplog):
    sink = open_sink("kafka://127.0.0.1:1/orders?delivery.timeout.ms=2000")
    (failure,) = sink.send([Message(None, b"1")])
    sink.close()

    assert "refused" in str(failure)
    told = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert len(told) <= 1  # none if another test of this minute met a dead broker


def test_a_sink_may_be_closed_twice(broker, topic):
    sink = open_sink(f"kafka://{broker}/{topic}")
    assert sink.send([Message(None, b"1")]) == [None]
    sink.close()
    sink.close()


def test_a_sink_that_is_closed_waits_for_no_broker():
    """A run that has ended its drain had to wait for messages that could not be written."""
    sink = open_sink("kafka://127.0.0.1:1/orders?delivery.timeout.ms=600000")
    sending = threading.Thread(target=_send_in_vain, args=(sink,), daemon=True)
    sending.start()
    wait_until(lambda: len(sink._producer) > 0)
    sink.close()
    sending.join(30)

    assert not sending.is_alive()


def _send_in_vain(sink):
    with suppress(RuntimeError):  # the producer is closed
        sink.send([Message(None, b"1")])
