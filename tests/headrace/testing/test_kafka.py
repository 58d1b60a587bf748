"""The broker of a test: what is written is read, what is run is done and committed."""

import pytest

from headrace import Reject, Worker
from headrace.testing import kafka_record
from headrace.testing.brokers.process import BrokerError
from headrace.testing.kafka import open_kafka

pytestmark = pytest.mark.slow(seconds=1)


class Orders(Worker):
    def process(self, record):
        if record.json() == "bad":
            raise Reject("bad")
        return record.json()


class Failing(Worker):
    def process(self, record):
        raise OSError("out of order")


def test_what_is_written_is_read(headrace_topic):
    headrace_topic.produce(
        [{"id": 1}, kafka_record(b"\xff", "k", headers={"a": "b"}), kafka_record(None, "gone")],
        key="x",
    )
    first, second, tombstone = headrace_topic.records()
    assert (first.json(), first.key) == ({"id": 1}, b"x")
    assert (second.value, second.key, second.headers) == (b"\xff", b"k", (("a", b"b"),))
    assert (tombstone.value, tombstone.key) == (None, b"gone")


def test_keys_spread_over_partitions_and_a_partition_may_be_named(headrace_kafka):
    topic = headrace_kafka.topic(partitions=3)
    topic.produce(range(30), key=lambda number: f"k{number}")
    spread = {record.position.partition for record in topic.records()}
    topic.produce(["here"], partition=2)
    assert spread == {0, 1, 2}
    assert topic.records()[-1].text() == "here"


def test_an_empty_topic_holds_nothing_and_is_done_at_once(headrace_topic):
    assert headrace_topic.records() == []
    assert headrace_topic.committed() == {}
    assert headrace_topic.run(Orders).polled == 0


def test_a_run_goes_on_where_the_one_before_ended(headrace_kafka):
    topic, results = headrace_kafka.topic(), headrace_kafka.topic()
    topic.produce([1, 2])
    assert topic.run(Orders, sink_url=results.url).done == 2
    topic.produce([3])
    assert topic.run(Orders, sink_url=results.url).done == 1
    assert topic.run(Orders, group="another", sink_url=results.url).done == 3
    assert [record.json() for record in results.records()] == [1, 2, 3, 1, 2, 3]
    assert topic.committed() == topic.committed("another") == {0: 3}


def test_what_is_given_up_goes_to_the_topic_of_dead_letters(headrace_kafka):
    topic, letters = headrace_kafka.topic(), headrace_kafka.topic()
    topic.produce([1])
    counts = topic.run(Failing, dead_letter_url=letters.url, maximum_retry_attempts=2)
    assert (counts.dead_lettered, counts.retried) == (1, 2)
    assert len(letters.records()) == 1


def test_a_run_that_is_not_done_in_time_says_how_far_it_came(headrace_topic):
    headrace_topic.produce([1, 2])
    with pytest.raises(TimeoutError, match=r"not done in 2 s: of 2 records 2 polled, 0 done"):
        headrace_topic.run(Failing, seconds=2)


def test_a_wrong_setting_is_refused_by_name(headrace_topic):
    with pytest.raises(TypeError, match="there is no setting 'batchsize'; there are batch_size"):
        headrace_topic.run(Orders, batchsize=3)
    with pytest.raises(TypeError, match="batch_size"):
        headrace_topic.run(Orders, batch_size=0)


def test_what_ends_a_runner_early_is_raised_in_the_test(headrace_topic):
    class Broken(Worker):
        def setup(self):
            raise RuntimeError("no model")

        def process(self, record):
            pass

    with pytest.raises(RuntimeError, match="no model"):
        headrace_topic.run(Broken)


def test_a_worker_is_closed_once_and_may_be_async(headrace_topic):
    closed = []

    class Async(Worker):
        async def process(self, record):
            return None

        async def close(self):
            closed.append(self)

    headrace_topic.produce(["a", "b"])
    assert headrace_topic.run(Async, worker_concurrency=2).done == 2
    assert len(closed) == 1


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("127.0.0.1:1", "no Kafka answers at 127.0.0.1:1"),
        ("127.0.0.1:x", "is no address of a broker"),
    ],
)
def test_a_kafka_that_does_not_answer_is_told(address, complaint, monkeypatch, tmp_path):
    monkeypatch.setattr("headrace.testing.kafka._ANSWER_SECONDS", 0.1)
    with pytest.raises(BrokerError, match=complaint), open_kafka(address, tmp_path):
        pass
