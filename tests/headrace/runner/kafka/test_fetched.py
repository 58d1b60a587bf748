"""What confluent's client fetches, in the runner's own words: records, ends, errors."""

from unittest import mock

import pytest
from confluent_kafka import KafkaError, Message

from headrace.log import logger
from headrace.runner.kafka.confluent import open_consumer
from headrace.runner.kafka.consumer import ConsumerError, LogEnd, NoPosition, Records, Unreadable
from headrace.runner.kafka.fetched import fetched
from headrace.runner.kafka.settings import KafkaSource
from headrace.testing.mock_cluster import embedded_kafka
from tests.support.kafka.raw_headers import produce_raw
from tests.support.waiting import wait_until

LOG = logger("test", "CRITICAL")


def message(offset: int, partition: int = 0, **more) -> Message:
    more = {"key": b"k", "value": b"%d" % offset, "timestamp": (1, 1_700_000_000_000)} | more
    return Message("orders", partition, offset, **more)


def error(code: int, partition: int = 0, offset: int = 0, **more) -> Message:
    return Message("orders", partition, offset, error=KafkaError(code, **more))


def offsets(item) -> list[int]:
    return [record.position.offset for record in item.records]


def test_consecutive_messages_of_a_partition_come_together():
    items = fetched([message(1), message(2), message(7, 1), message(3)], LOG)
    assert [(item.partition, offsets(item)) for item in items] == [(0, [1, 2]), (1, [7]), (0, [3])]


def test_a_record_has_all_that_the_message_has():
    sent = message(5, headers=[("h", b"1"), ("h", None)], timestamp=(0, -1))
    (item,) = fetched([sent], LOG)
    (record,) = item.records
    assert (record.key, record.value, record.timestamp) == (b"k", b"5", None)
    assert record.headers == (("h", b"1"), ("h", b""))
    assert item.largest > 1_000


@pytest.mark.parametrize("told", [(0, -1), (1, -1)])
def test_a_message_without_a_time_is_a_record_without_one(told):
    """A client may say that the time is its own, and none; such a record has no age."""
    (item,) = fetched([message(5, timestamp=told)], LOG)
    assert item.records[0].timestamp is None


def test_what_is_no_message_keeps_its_place_among_those_that_are():
    items = fetched(
        [
            message(1),
            error(KafkaError._PARTITION_EOF, 0, 2),
            message(2),
            error(KafkaError._AUTO_OFFSET_RESET, 3),
            error(KafkaError._ALL_BROKERS_DOWN),
        ],
        LOG,
    )
    kinds = [type(item) for item in items]
    assert kinds == [Records, LogEnd, Records, NoPosition]
    assert (items[1], items[3]) == (LogEnd(0, 2), NoPosition(3))


@pytest.mark.parametrize(
    "told",
    [
        {"code": KafkaError._FENCED, "fatal": True},
        {"code": KafkaError._FATAL},  # as the client gives it in the place of a message
        {"code": KafkaError.TOPIC_AUTHORIZATION_FAILED},
        {"code": KafkaError.GROUP_AUTHORIZATION_FAILED},
    ],
)
def test_what_time_does_not_mend_ends_the_run(told):
    with pytest.raises(ConsumerError, match="fenced"):
        fetched([error(**told, reason="fenced")], LOG)


def test_one_unreadable_message_is_one_unreadable_record():
    """GIVEN a header whose name is not UTF-8, THEN its record alone says so."""
    with embedded_kafka({"orders": 1}) as bootstrap:
        for value, header in ((b"1", b"h"), (b"2", b"h\xff"), (b"3", b"h")):
            produce_raw(bootstrap, "orders", value, b"k", header)
        source = KafkaSource(bootstrap_servers=bootstrap, topic="orders", group="g")
        member = open_consumer(source, LOG)
        member.join(mock.Mock())
        items = []

        def fetch() -> bool:
            for item in member.fetch(100, 0.1):
                if isinstance(item, NoPosition):
                    member.read_from({item.partition: 0}, {})
                items.append(item)
            return len([value for item in items for value in values(item)]) == 3

        wait_until(fetch, 20)
        member.close()
    assert [value for item in items for value in values(item)] == [b"1", b"2", b"3"]
    (unreadable,) = [item for item in items if isinstance(item, Unreadable)]
    assert (unreadable.record.value, unreadable.record.headers) == (b"2", ())
    assert "headers" in unreadable.why


def values(item) -> list[bytes]:
    records = [item.record] if isinstance(item, Unreadable) else getattr(item, "records", [])
    return [record.value for record in records]
