"""Messages that hold notifications: the runner opens them as Lambda's handler does."""

import json
from pathlib import Path

import pytest

from headrace import Reject
from headrace.worker import WorkerSettings
from tests.support.sqs.queues import Queue, run_until_idle, worker

EVENTS = Path(__file__).parents[3] / "events"
UNWRAP = WorkerSettings(unwrap=("sns", "s3", "eventbridge"), report_batch_item_failures=True)
TEST = {"Service": "Amazon S3", "Event": "s3:TestEvent"}


def load(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


def uploaded(*keys):
    """As S3 tells of objects."""
    (told, *_) = load("s3")["Records"]
    about = told["s3"]
    objects = ({**about, "object": {**about["object"], "key": key}} for key in keys)
    return {"Records": [{**told, "s3": one} for one in objects]}


def by_topic(event):
    told = load("sns")["Records"][0]["Sns"]
    return {**told, "Type": "Notification", "Message": json.dumps(event)}


@pytest.mark.parametrize("invoke", ["records", "event"])
def test_what_messages_carry_are_records_of_their_own(client, invoke):
    queue, seen = Queue(client), []
    queue.put(uploaded("a+b", "c"), by_topic(uploaded("d")), load("eventbridge_s3"), TEST, {"x": 1})
    handler = worker(lambda record: seen.append((record.source, record.json())))

    stats = run_until_idle(
        handler.with_settings(UNWRAP), queue, invoke=invoke, report_batch_item_failures=True
    )

    keys = {told["key"] for source, told in seen if source == "s3"}
    assert keys == {"a b", "c", "d", "a bü/1.jpg"}
    assert ("sqs", {"x": 1}) in seen
    assert len(seen) == 5  # nothing is in the test
    now = stats.snapshot()
    assert (now.polled, now.done, now.committed) == (5, 5, 5)
    assert queue.counts() == (0, 0)


def test_a_message_is_deleted_only_when_all_that_it_carries_is_done(client):
    queue, seen = Queue(client, receives=3), []

    def process(record):
        key = record.json()["key"]
        seen.append(key)
        if key == "bad":
            raise Reject("never")
        if key == "late" and seen.count("late") < 2:
            raise ValueError("not yet")
        if key == "lost":
            raise ValueError("never")

    first, second, third = uploaded("late", "early"), uploaded("one", "lost"), uploaded("bad")
    queue.put(first, second, third)

    stats = run_until_idle(worker(process).with_settings(UNWRAP), queue)

    counted = {key: seen.count(key) for key in seen}
    assert counted == {"late": 2, "early": 2, "one": 3, "lost": 3, "bad": 3}
    assert set(queue.dead.bodies()) == {json.dumps(second), json.dumps(third)}
    assert stats.snapshot().committed == 1
