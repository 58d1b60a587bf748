"""A failed record comes back by its source's own rule; no answer calls it a success."""

import json
import re
from pathlib import Path

import pytest

from headrace.errors import BatchFailed, MalformedEvent
from headrace.handler import Handler
from headrace.sources import open_source, pick
from headrace.sources.shapes import source_of
from headrace.worker import Worker, WorkerSettings

EVENTS = Path(__file__).parents[2] / "events"
STREAMS = sorted(
    path.stem
    for path in EVENTS.glob("*.json")
    if open_source(source_of(json.loads(path.read_text()))).redelivery != "caller"
)


class Failing(Worker):
    """Fails whatever record it is told to."""

    failing = frozenset()

    def process(self, record):
        if record.id in self.failing:
            raise KeyError(record.id)
        return {"seen": record.id}


def handle(event, failing=(), **settings):
    kind = type("Chosen", (Failing,), {"failing": frozenset(failing)})
    return Handler(kind, WorkerSettings(**settings))(event)


def load(name):
    text = (EVENTS / f"{name}.json").read_text()
    event = json.loads(text.replace('"messageId": null', '"messageId": "m1"'))  # the same each time
    source = open_source(source_of(event))
    return event, source, source.records(event)


@pytest.mark.parametrize("name", STREAMS)
def test_without_a_failure_nothing_comes_back(name):
    event, source, records = load(name)

    answer = handle(event, report_batch_item_failures=True)

    match source.redelivery:
        case "partial":
            assert answer == {"batchItemFailures": []}
        case "whole":
            assert answer is None
        case "each":
            assert [one["result"] for one in answer["records"]] == ["Ok"] * len(records)


@pytest.mark.parametrize("name", STREAMS)
def test_a_failure_is_told_as_the_service_reads_it(name):
    event, source, records = load(name)
    last = records[-1].id

    if source.redelivery == "whole":
        told = re.escape(f"first {last}: KeyError: ") + ".*" + re.escape(last)
        with pytest.raises(BatchFailed, match=f"takes no partial response: .*; {told}"):
            handle(event, [last], report_batch_item_failures=True)
        return
    answer = handle(event, [last], report_batch_item_failures=True)
    if source.redelivery == "each":
        assert answer["records"][-1]["result"] == "ProcessingFailed"
    else:
        assert len(answer["batchItemFailures"]) == 1


@pytest.mark.parametrize("name", ["msk", "kinesis", "dynamodb", "sqs", "sqs_fifo"])
def test_no_partial_answer_is_given_to_a_mapping_that_asks_for_none(name):
    event, _, records = load(name)

    told = f"HEADRACE_REPORT_BATCH_ITEM_FAILURES.*; first {re.escape(records[0].id)}: KeyError"
    with pytest.raises(BatchFailed, match=told):
        handle(event, [records[0].id])


def test_after_a_failure_the_rest_of_a_fifo_group_comes_back_and_other_groups_do_not():
    event, _, records = load("sqs_fifo")

    answer = handle(event, [records[0].id], report_batch_item_failures=True)

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["m1", "m3"]


def test_results_of_firehose_go_back_and_not_to_the_sink(tmp_path):
    event, _, _ = load("firehose")

    handle(event, sink_url=f"file:{tmp_path}/results.jsonl")

    assert (tmp_path / "results.jsonl").read_bytes() == b""


def test_objects_inside_a_queues_message_come_back_as_that_message():
    event, _, _ = load("sqs")
    event["Records"] = event["Records"][:1]
    event["Records"][0]["body"] = (EVENTS / "s3.json").read_text()
    failing = ["orders:059f36b4-87a3-44ab-83d2-661975830a7d.1"]

    answer = handle(event, failing, report_batch_item_failures=True, unwrap=("s3",))

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == [
        "059f36b4-87a3-44ab-83d2-661975830a7d"
    ]


@pytest.mark.parametrize("name", ["sqs", "dynamodb", "kinesis"])
def test_a_pipe_gives_the_records_of_its_source_and_takes_its_answer(name):
    event, _, records = load(name)
    items = piped(name, event)

    assert [record.id for record in open_source("pipes").records(items)] == [r.id for r in records]
    answer = handle(items, [records[-1].id], report_batch_item_failures=True)
    assert len(answer["batchItemFailures"]) == 1


def test_a_pipe_from_kafka_reads_no_answer():
    """It takes any for a success: what a partial one names would be gone."""
    event, _, records = load("msk")
    items = piped("msk", event)

    assert [record.id for record in pick(items).records(items)] == [r.id for r in records]
    assert handle(items, report_batch_item_failures=True) is None
    with pytest.raises(BatchFailed, match="pipes takes no partial response"):
        handle(items, [records[-1].id], report_batch_item_failures=True)


@pytest.mark.parametrize("other", [None, 1, {"eventSource": "aws:kinesis"}, {"eventSource": 1}])
def test_a_pipe_of_several_sources_is_refused(other):
    event, _, _ = load("sqs")
    for items in ([*event["Records"], other], [other, *event["Records"]]):
        with pytest.raises(MalformedEvent, match=r"no source takes items of .+, "):
            handle(items, report_batch_item_failures=True)


def piped(name, event):
    """An event's records as a pipe hands them over."""
    if name == "msk":
        parts = [message for messages in event["records"].values() for message in messages]
        return [{"eventSource": "aws:kafka", **part} for part in parts]
    if name == "kinesis":
        return [{**record, **record["kinesis"]} for record in event["Records"]]
    return event["Records"]
