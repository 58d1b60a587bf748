"""The border to confluent's client: what is asked of it, and what it answers or refuses."""

from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from headrace.log import logger
from headrace.runner.kafka.confluent import ConfluentConsumer
from headrace.runner.kafka.consumer import ConsumerError

LOG = logger("test", "CRITICAL")


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
