"""A worker in Lambda gets the user records of aggregates, or takes those as they came."""

import base64

import pytest

from headrace import Worker, lambda_handler
from headrace.errors import SettingsError
from headrace.processing.outcomes import Outcomes
from headrace.sources import pick
from tests.support.kinesis.kpl import GOLDEN


def event(*datas: bytes) -> dict:
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "outer",
                    "sequenceNumber": str(100 + number),
                    "data": base64.b64encode(data).decode(),
                    "approximateArrivalTimestamp": 1_700_000_000.5,
                },
                "eventSource": "aws:kinesis",
                "eventID": f"shardId-000000000006:{100 + number}",
                "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
            }
            for number, data in enumerate(datas)
        ]
    }


def test_a_worker_in_lambda_gets_the_user_records():
    source = pick(event(b"plain", GOLDEN))
    records = source.records(event(b"plain", GOLDEN))
    assert [r.value for r in records] == [b"plain", b"one", b"two", b""]
    assert [str(r.position).partition(":")[2] for r in records] == [
        "100",
        "101.0",
        "101.1",
        "101.2",
    ]


def test_in_lambda_the_whole_of_a_part_that_failed_comes_again():
    source = pick(event(GOLDEN, GOLDEN, b"plain"))
    records = source.records(event(GOLDEN, GOLDEN, b"plain"))
    outcomes = Outcomes(records, {5: ValueError(), 6: ValueError()})
    assert source.respond(outcomes) == {"batchItemFailures": [{"itemIdentifier": "101"}]}


def test_a_worker_in_lambda_can_take_them_as_they_came(monkeypatch):
    monkeypatch.setenv("HEADRACE_KPL_DEAGGREGATION", "off")
    seen = []

    class Noting(Worker):
        def process(self, record) -> None:
            seen.append(record.value)

    lambda_handler(Noting)(event(GOLDEN))
    monkeypatch.setenv("HEADRACE_KPL_DEAGGREGATION", "all")
    lambda_handler(Noting)(event(GOLDEN))
    assert seen == [GOLDEN, b"one", b"two", b""]
    monkeypatch.setenv("HEADRACE_KPL_DEAGGREGATION", "sometimes")
    with pytest.raises(SettingsError, match="HEADRACE_KPL_DEAGGREGATION"):
        lambda_handler(Noting)(event(GOLDEN))
