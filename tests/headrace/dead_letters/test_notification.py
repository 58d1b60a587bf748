"""Letters of topics, buckets and buses: what is put into a queue brings the same record again."""

import json
from pathlib import Path

import pytest

from headrace.cli import main
from headrace.dead_letters import letter
from headrace.dead_letters.notification import enveloped
from headrace.errors import Reject
from headrace.record import MessagePosition, Record
from headrace.runner.sqs.asynchronous.event import original_event
from headrace.sinks.open import open_sink
from headrace.sources import open_source
from headrace.sources.shapes import source_of
from headrace.worker import WorkerSettings
from tests.support.sqs.queues import Queue, run_until_idle, worker

EVENTS = Path(__file__).parents[2] / "events"
NAMES = ["s3", "eventbridge", "eventbridge_partner", "eventbridge_s3", "sns"]
UNWRAP = WorkerSettings(unwrap=("sns", "s3", "eventbridge"))


def records_of(event):
    return open_source(source_of(event)).records(event)


def load(name):
    return records_of(json.loads((EVENTS / f"{name}.json").read_text()))


def said(record):
    """What a worker reads; of SNS in a queue, the source is the queue, and it counts deliveries."""
    headers = [header for header in record.headers if header[0] != "aws.receive-count"]
    return (json.loads(record.value), sorted(headers), record.timestamp)


@pytest.mark.parametrize("name", NAMES)
def test_the_event_that_brought_a_record_brings_it_again(name):
    for record in load(name):
        (again,) = records_of(original_event(enveloped(record, in_topic=False).value))
        assert (again.source, said(again)) == (record.source, said(record))


@pytest.mark.parametrize("name", NAMES)
def test_a_replayed_letter_is_the_same_record_to_who_opens_envelopes(name, aws, tmp_path):
    """It was the value alone: without its headers, and with a queue as its source."""
    queue, seen = Queue(aws("sqs")), []
    box = f"file:{tmp_path}/dead.jsonl"
    records = load(name)
    sink = open_sink(box)
    for record in records:
        letter.write(sink, record, Reject("no"))
    sink.close()

    assert main(["dead-letters", "replay", box, "--all", "--to", f"sqs://{queue.name}"]) == 0
    run_until_idle(worker(seen.append).with_settings(UNWRAP), queue)

    assert sorted(map(str, map(content, seen))) == sorted(map(str, map(content, records)))
    assert {record.source for record in seen} == {"sqs" if name == "sns" else records[0].source}


def content(record):
    value, headers, _ = said(record)
    return value, headers


def test_a_topic_makes_its_own_envelope():
    (record,) = load("sns")
    assert enveloped(record, in_topic=True) == record
    uploaded = load("s3")[0]
    assert records_of(json.loads(enveloped(uploaded, in_topic=True).value))[0].value == (
        uploaded.value
    )


@pytest.mark.parametrize("source", ["s3", "eventbridge", "sns", "sqs"])
def test_what_no_service_told_of_stays_as_it_is(source):
    broken = Record(source, MessagePosition("from", "1"), b"\xff")
    assert enveloped(broken, in_topic=False) == broken
