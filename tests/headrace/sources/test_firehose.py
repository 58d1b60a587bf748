"""Firehose: every record is answered, and the answer keeps to its size."""

import base64
import json
from pathlib import Path

import msgspec

from headrace import Worker, lambda_handler
from headrace.processing.outcomes import Outcomes
from headrace.record import MessagePosition
from headrace.reply import Reply
from headrace.sources.firehose import Firehose

EVENT = json.loads((Path(__file__).parents[2] / "events" / "firehose.json").read_text())
RECORDS = Firehose().records(EVENT)


def answer(*results, failures=None, records=RECORDS):
    outcomes = Outcomes(records, failures)
    for index, result in enumerate(results):
        outcomes.keep(index, result)
    return Firehose().respond(outcomes)["records"]


def encoded(data):
    return base64.b64encode(data).decode()


def test_its_records():
    first, second = RECORDS
    assert first.position == MessagePosition("logs", "record1")
    assert (first.json(), first.key, first.timestamp) == ({"id": 1}, None, 1510772160000)
    assert (second.text(), second.headers) == ("Hello", (("aws.partition-key", b"pk"),))


def test_a_failure_holds_back_no_record_of_the_same_partition_key():
    """Those behind it were set aside by the service without an attempt: nothing comes again."""

    class Forward(Worker):
        def process(self, record):
            if record.value == b"bad":
                raise OSError("away")
            return record

    named = EVENT["records"][1]
    many = [named | {"recordId": text, "data": encoded(text.encode())} for text in ("bad", "good")]

    told = lambda_handler(Forward)(EVENT | {"records": many})["records"]

    assert [one["result"] for one in told] == ["ProcessingFailed", "Ok"]
    assert "metadata" not in told[1]


def test_a_result_is_the_new_data_and_none_drops_the_record():
    assert answer({"id": 2}, None) == [
        {"recordId": "record1", "result": "Ok", "data": encoded(b'{"id":2}')},
        {"recordId": "record2", "result": "Dropped"},
    ]


def test_a_reply_is_its_bytes_and_a_records_headers_are_partition_keys():
    forwarded = msgspec.structs.replace(RECORDS[1], headers=(("customer", b"7"),))
    assert answer(Reply(b"\xff"), forwarded) == [
        {"recordId": "record1", "result": "Ok", "data": encoded(b"\xff")},
        {
            "recordId": "record2",
            "result": "Ok",
            "data": encoded(b"Hello"),
            "metadata": {"partitionKeys": {"customer": "7"}},
        },
    ]


def test_a_failed_record_keeps_its_data_and_harms_no_other():
    assert answer({"id": 2}, "x", failures={0: KeyError("a")}) == [
        {"recordId": "record1", "result": "ProcessingFailed", "data": encoded(b'{"id": 1}'[:0])}
        | {"data": EVENT["records"][0]["data"]},
        {"recordId": "record2", "result": "Ok", "data": encoded(b'"x"')},
    ]


def test_what_does_not_fit_into_the_answer_fails_and_the_rest_fits():
    records = [
        msgspec.structs.replace(RECORDS[0], position=MessagePosition("logs", f"r{index}"))
        for index in range(10)
    ]
    told = answer(*[Reply(b"x" * 1_000_000)] * 10, records=records)

    assert len(msgspec.json.encode({"records": told})) <= 6_000_000
    assert [one["result"] for one in told].count("Ok") == 4
    assert {one["recordId"] for one in told} == {f"r{index}" for index in range(10)}
