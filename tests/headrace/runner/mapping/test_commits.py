"""The whole mapping on an in-memory topic: commits, and how far a run gets ahead of them."""

import threading
import time

import pytest

from headrace.runner.committer import NotCommitted
from headrace.runner.kafka.consumer import ConsumerError
from headrace.runner.stop import Stop
from headrace.testing.memory_consumer import MemoryConsumer
from tests.support.runner import filled, per_record, run_memory


def test_a_refused_commit_is_tried_again():
    broker = filled(4)
    broker.refuse_commits = 2
    run_memory(MemoryConsumer(broker), per_record(lambda record: None))
    assert broker.committed == {0: 4}


def test_a_run_that_could_not_commit_what_is_done_says_so():
    """GIVEN a full disk or a broker that is away at the end, THEN it is no success."""
    broker = filled(4)
    broker.refuse_commits = 10_000
    stop, consumer = Stop(), MemoryConsumer(broker)

    def process(record):
        if record.position.offset == 3:
            stop.request()

    with pytest.raises(NotCommitted):
        run_memory(consumer, per_record(process), stop=stop, drain_timeout_seconds=0.3)
    assert broker.committed == {0: 0}


def test_an_error_that_ended_the_run_is_not_hidden_by_a_commit_that_fails():
    broker = filled(4)
    broker.refuse_commits = 10_000
    consumer = MemoryConsumer(broker)
    fetch = consumer.fetch

    def fenced(most, timeout):
        if consumer.polls > 5:
            raise ConsumerError("fenced")
        return fetch(most, timeout)

    consumer.fetch = fenced
    with pytest.raises(ConsumerError):
        run_memory(consumer, per_record(lambda r: None), drain_timeout_seconds=0.3)


def test_with_one_uncommitted_batch_the_next_waits_for_the_commit_of_the_one_before():
    broker = filled(60)
    begun = []

    def process(record):
        begun.append((record.position.offset, broker.committed.get(0, 0)))

    run_memory(MemoryConsumer(broker), per_record(process), batch_size=10, uncommitted_batches=1)
    assert all(offset - committed < 10 for offset, committed in begun)


def test_uncommitted_batches_lets_a_partition_run_ahead_so_far_and_no_further():
    broker = filled(200)
    broker.refuse_commits = 1
    ahead = []

    def process(record):
        ahead.append(record.position.offset - broker.committed.get(0, 0))

    run_memory(MemoryConsumer(broker), per_record(process), batch_size=10, uncommitted_batches=3)
    assert 10 <= max(ahead) < 30


def test_polls_go_on_while_commits_fail():
    broker = filled(50)
    broker.refuse_commits = 10_000
    consumer = MemoryConsumer(broker)
    polls = []
    stop = Stop()

    def process(record):
        if record.position.offset == 49:

            def end():
                deadline, begun = time.monotonic() + 10, consumer.polls
                while consumer.polls < begun + 10 and time.monotonic() < deadline:
                    time.sleep(0.005)
                polls.append(consumer.polls - begun)
                broker.refuse_commits = 0
                stop.request()

            threading.Thread(target=end).start()

    run_memory(consumer, per_record(process), stop=stop, batch_size=10)
    assert polls[0] >= 10
    assert broker.committed == {0: 50}  # the last attempt was that of the drain
