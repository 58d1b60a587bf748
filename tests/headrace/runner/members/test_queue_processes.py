"""`headrace run --processes N` on a queue."""

import os
import signal

import pytest

from tests.support.members import RECORDS, Run
from tests.support.sqs.queues import Queue

pytestmark = pytest.mark.kinesis


@pytest.fixture
def queue(elastic_client):
    return Queue(elastic_client, visibility=5)


@pytest.fixture
def running(queue, tmp_path):
    run = Run(tmp_path, "--sqs", queue.name, "--receive-wait-seconds", "1")
    yield run
    run.process.kill()
    run.process.wait()


def test_two_share_a_queue_and_one_that_is_killed_is_replaced(queue, running):
    running.wait_for(running.is_ready)
    warnings = [one["message"] for one in running.lines() if one["level"] == "WARNING"]
    assert len(warnings) == len({*warnings}), "said by one for all"
    written = running.write_until_both_work(lambda numbers: queue.put(*numbers))
    queue.put(*range(written, written + RECORDS))
    os.kill(next(iter(running.members())), signal.SIGKILL)
    running.wait_for(lambda: running.said("a member was killed; another takes its place"))
    running.wait_for(running.is_ready)
    running.wait_for(lambda: running.has_done(written + RECORDS))
    running.wait_for(lambda: queue.counts() == (0, 0))
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert running.said("the run has ended")["committed"] >= written
