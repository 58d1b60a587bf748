"""A Kafka that is away or refuses: every message has its reason in time, nothing waits forever."""

import ctypes
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from confluent_kafka import KafkaError, KafkaException

from headrace.sinks import Message, open_sink
from headrace.sinks.kafka_errors import NotDeliveredError
from headrace.testing.mock_cluster import MockCluster
from tests.support.waiting import wait_until

# Kinds of requests, as Kafka's protocol numbers them.
_PRODUCE = 0
_INIT_PRODUCER_ID = 22


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


def test_what_the_client_says_of_a_dead_broker_is_told_once(caplog):
    sink = open_sink("kafka://127.0.0.1:1/orders?delivery.timeout.ms=2000")
    (failure,) = sink.send([Message(None, b"1")])
    sink.close()

    assert "refused" in str(failure)
    told = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert len(told) <= 1  # none if another test of this minute met a dead broker


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
