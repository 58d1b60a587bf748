"""A topic that is deleted and made anew is another one: nothing of it is skipped."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from headrace.runner.kafka import topic_watch
from headrace.runner.kafka.consumer import END
from headrace.runner.kafka.starting_position import StartingPositions
from headrace.runner.kafka.topic_watch import TopicWatch
from tests.headrace.runner.kafka.test_position_resets import Bench
from tests.support.kafka.runs import committed, ends, fill
from tests.support.partitions import Clock
from tests.support.waiting import wait_until


def answer(topic_id=None, error=None):
    future = Future()
    if error is None:
        future.set_result(SimpleNamespace(topic_id=topic_id))
    else:
        future.set_exception(error)
    return future


def test_a_new_id_is_news_once_and_one_of_a_broker_that_is_late_is_none():
    clock, said = Clock(), [None, "a", KeyError("away"), "a", "b", "a", "b", "c", "c"]
    answers = [answer(error=one) if isinstance(one, KeyError) else answer(one) for one in said]
    watch = TopicWatch(lambda: answers.pop(0), clock)
    news = []
    for _ in said:
        news.append(watch.work())
        assert not watch.work()  # not yet: it asks once in a while
        clock.now += 5.0
    assert news == [False, False, False, False, True, False, False, True, False]


def test_a_run_does_not_wait_for_an_answer():
    late = Future()
    watch = TopicWatch(lambda: late, Clock())
    assert not watch.work()
    late.set_result(SimpleNamespace(topic_id="a"))
    assert not watch.work()
    assert not watch.look()


class Consumer:
    """A group without a position; each log is from 2 to 9."""

    def committed(self, partitions, timeout):
        return {}

    def offsets(self, partitions, time, timeout):
        return dict.fromkeys(partitions, 9 if time == END else 2)


@pytest.mark.parametrize(("is_anew", "begin"), [(False, 9), (True, 2)])
def test_latest_is_the_beginning_of_a_topic_that_was_made_anew_meanwhile(is_anew, begin):
    starts = StartingPositions(Consumer(), END, None, made_anew=lambda: is_anew)
    assert starts.find({0: None, 1: None}) == {0: begin, 1: begin}


def test_what_was_reached_of_the_old_topic_is_given_up():
    bench = Bench()
    bench.resets.forget([0])
    bench.starts.beginnings = lambda partitions: dict.fromkeys(partitions, 0)
    bench.assignment.partitions[0].next = 5
    before = bench.assignment.partitions[0].channel
    bench.resets.begin_anew()
    bench.resets.work()
    assert bench.consumer.reading == {0: 0, 1: 0}
    assert bench.commits.answer() == {0: 0, 1: 0}
    assert bench.assignment.partitions[0].channel is not before
    bench.consumer.reading.clear()
    bench.resets.work()
    assert not bench.consumer.reading


@pytest.mark.kafka
def test_a_log_that_is_longer_than_the_old_one_is_read_whole(kafka, runs, topic, monkeypatch):
    """It was read from the offset on that had been reached of the old one."""
    monkeypatch.setattr(topic_watch, "_SECONDS", 0.2)
    name, admin = topic(), AdminClient({"bootstrap.servers": kafka.bootstrap})
    run = runs(name, starting_position="LATEST")
    wait_until(lambda: committed(kafka.bootstrap, name) == {0: 0})
    fill(kafka.bootstrap, name, {0: 3})
    wait_until(lambda: run.offsets[0] == [0, 1, 2])

    admin.delete_topics([name])[name].result(30)
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    wait_until(lambda: ends(kafka.bootstrap, name) == {0: 0})  # until then it is the old log
    fill(kafka.bootstrap, name, {0: 8})

    wait_until(lambda: run.offsets[0][-8:] == list(range(8)))
    run.request_end()
    # Never the old topic's. The client may notice it first and read all; then all comes once more.
    assert committed(kafka.bootstrap, name) in [{0: 0}, {0: 8}]
