"""The border to confluent's client: its messages, errors and offsets in the runner's own words."""

from types import SimpleNamespace
from unittest import mock

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from headrace.log import logger
from headrace.runner.kafka.confluent import ConfluentConsumer, open_consumer
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


class Client:
    """Stands in for confluent's consumer."""

    def __init__(self, *, reading=()) -> None:
        self.reading = dict.fromkeys(reading, 0)
        self.calls = []

    def assignment(self):
        return [TopicPartition("orders", number) for number in self.reading]

    def incremental_unassign(self, places):
        self.calls.append(("unassign", [place.partition for place in places]))

    def incremental_assign(self, places):
        self.reading |= {place.partition: place.offset for place in places}

    def assign(self, places):
        self.reading = {place.partition: place.offset for place in places}

    def committed(self, places, timeout):
        return [TopicPartition("orders", place.partition, -1001) for place in places[1:]]

    def offsets_for_times(self, places, timeout):
        ends = {-1: 50, -2: 0}
        return [
            TopicPartition("orders", place.partition, ends.get(place.offset, -1))
            for place in places
        ]


def consumer(client: object, *, cooperative: bool) -> ConfluentConsumer:
    config = {"group.id": "g", "bootstrap.servers": "127.0.0.1:1", "log_level": 0}
    made = ConfluentConsumer(config, "orders", LOG, cooperative=cooperative)
    made._consumer.close()
    made._consumer = client
    return made


def test_a_cooperative_member_takes_anew_only_what_stands_still():
    client = Client(reading=(0, 1))
    consumer(client, cooperative=True).read_from({0: 7}, {0: None, 1: 30})
    assert client.calls == [("unassign", [0])]
    assert client.reading == {0: 7, 1: 0}


def test_an_eager_member_takes_all_partitions_anew_each_where_it_is():
    client = Client()
    consumer(client, cooperative=False).read_from({0: 7}, {0: None, 1: 30, 2: None})
    assert client.reading == {0: 7, 1: 30, 2: -1001}


def test_a_partition_without_a_position_is_left_out():
    assert consumer(Client(), cooperative=True).committed([0, 1], timeout=1) == {}


def test_a_time_after_the_last_record_is_the_end_of_the_log():
    assert consumer(Client(), cooperative=True).offsets([0], 1_700_000_000_000, timeout=1) == {
        0: 50
    }


class Refusing:
    def __getattr__(self, name):
        def refuse(*_, **__):
            raise KafkaException(KafkaError(KafkaError._STATE, reason="not now"))

        return refuse


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.commit({0: 1}),
        lambda c: c.committed([0], timeout=1),
        lambda c: c.offsets([0], -1, timeout=1),
        lambda c: c.read_from({0: 1}, {}),
    ],
)
def test_what_the_client_refuses_is_one_kind_of_error(act):
    with pytest.raises(ConsumerError, match="not now"):
        act(consumer(Refusing(), cooperative=True))


def test_an_answer_to_a_commit_names_each_partition_that_failed():
    made = consumer(Client(), cooperative=True)
    heard = []
    made._listener = SimpleNamespace(committed=lambda *answer: heard.append(answer))
    made._answered(None, [TopicPartition("orders", 0, 5), TopicPartition("orders", 1, 6)])
    made._answered(KafkaError(KafkaError.ILLEGAL_GENERATION), [TopicPartition("orders", 0, 9)])
    assert heard[0] == ({0: 5, 1: 6}, {})
    assert heard[1][0] == {0: 9}
    assert isinstance(heard[1][1][0], ConsumerError)
