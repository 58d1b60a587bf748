"""The whole mapping on an in-memory topic: partitions that are taken away, and the end."""

import threading
import time

from headrace.log import logger
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.records import TOPIC
from tests.support.runner import QUICK, filled, per_record, run_memory


def test_revoke_drains_and_commits_what_is_done():
    broker = filled(100)
    consumer = MemoryConsumer(broker)
    running = threading.Event()
    done = []

    def process(record):
        if record.position.offset == 25:
            consumer.revoke([0])
            running.set()
            time.sleep(0.1)  # still at work when the revocation comes
        done.append(record.position.offset)

    stop = Stop(when_idle=0.05)
    run_memory(consumer, per_record(process), stop=stop, batch_size=10)
    assert done == list(range(30))  # the running batch ends, no other begins
    assert broker.committed == {0: 30}


def test_drain_gives_up_at_its_deadline_and_the_late_completion_commits_nothing():
    broker = filled(20)
    consumer = MemoryConsumer(broker)
    release = threading.Event()
    done = []

    def process(record):
        if record.position.offset == 10 and not release.is_set():
            consumer.revoke([0])
            assert release.wait(5)
        done.append(record.position.offset)

    def after_revoke():
        deadline = time.monotonic() + 5
        while consumer.positions and time.monotonic() < deadline:
            time.sleep(0.005)
        release.set()
        while len(done) < 20 and time.monotonic() < deadline:
            time.sleep(0.005)
        stop.request()

    stop = Stop()
    waiter = threading.Timer(0.1, after_revoke)
    waiter.start()
    run_memory(consumer, per_record(process), stop=stop, batch_size=10, drain_timeout_seconds=0.05)
    waiter.join()
    assert done == list(range(20))
    assert broker.committed == {0: 10}


def test_lost_partitions_commit_nothing_though_their_batch_completes():
    broker = filled(30)
    consumer = MemoryConsumer(broker)
    stop = Stop()
    done = []

    def process(record):
        if record.position.offset == 10:
            consumer.lose([0])
            deadline = time.monotonic() + 5
            while consumer.positions and time.monotonic() < deadline:
                time.sleep(0.005)
        done.append(record.position.offset)
        if record.position.offset == 19:
            stop.request()

    run_memory(consumer, per_record(process), stop=stop, batch_size=10, uncommitted_batches=1)
    assert done == list(range(20))
    assert broker.committed == {0: 10}


def test_a_partition_that_comes_back_starts_at_its_committed_position_in_a_new_channel():
    broker = filled(30)
    consumer = MemoryConsumer(broker)
    done = []

    def process(record):
        if record.position.offset == 15 and 15 not in done:
            consumer.lose([0])
            consumer.assign([0])
            deadline = time.monotonic() + 5
            while not consumer.is_settled and time.monotonic() < deadline:
                time.sleep(0.005)
        done.append(record.position.offset)

    run_memory(consumer, per_record(process), batch_size=10, uncommitted_batches=1)
    assert done == [*range(20), *range(10, 30)]
    assert broker.committed == {0: 30}
    offsets = [offset for _, offset in broker.commits]
    assert offsets == sorted(offsets)


def test_a_stop_request_drains_commits_and_leaves():
    broker = filled(100)
    consumer = MemoryConsumer(broker)
    stop = Stop()
    done = []

    def process(record):
        done.append(record.position.offset)
        if record.position.offset == 25:
            stop.request()

    run_memory(consumer, per_record(process), stop=stop, batch_size=10)
    assert len(done) % 10 == 0
    assert broker.committed == {0: len(done)}
    assert consumer.closed


def test_ready_is_from_the_first_assignment_to_the_drain():
    broker = filled(3)
    consumer, stop = MemoryConsumer(broker), Stop()
    chosen = MappingSettings(**QUICK)
    stats, log = Stats(), logger("test", "CRITICAL")
    answers = []

    def process(record):
        answers.append((mapping.ready(), mapping.live()))
        if len(answers) == 3:
            stop.request()
            answers.append((mapping.ready(), mapping.live()))

    deliverer = Deliverer(per_record(process), RetryLimits(-1, -1), None, stats, log)
    poller = KafkaPoller(consumer, TOPIC, chosen.records_per_batch)
    mapping = EventSourceMapping(chosen, poller, deliverer, stats, stop, log)
    assert not mapping.ready()
    mapping.run()
    assert answers == [(True, True)] * 3 + [(False, True)]
    assert not mapping.ready()
