"""What a response says of a batch, beyond what the conformance suite asks."""

import json

import pytest

from headrace.errors import NotDone
from headrace.runner.protocol.failures import Failures
from headrace.runner.protocol.response import BadResponse, ReportedFailure, read_response
from tests.support.runner import kafka_record, kinesis_record

KAFKA_ID = {"partition": "orders-0", "offset": 2}


@pytest.mark.parametrize(
    "item",
    [
        {"itemIdentifier": {"partition": ["orders-0"], "offset": 2}},
        {"itemIdentifier": ["orders-0", 2]},
        {"identifier": KAFKA_ID},
        "2",
        None,
    ],
)
def test_an_identifier_of_another_shape_fails_the_whole_batch(item):
    records = [kafka_record(offset) for offset in (1, 2, 3)]
    response = {"batchItemFailures": [{"itemIdentifier": KAFKA_ID}, item]}
    with pytest.raises(BadResponse):
        read_response(response, records)


@pytest.mark.parametrize("response", ["done", 7, True, [1], {"batchItemFailures": "1"}])
def test_a_response_of_another_shape_fails_the_whole_batch(response):
    with pytest.raises(BadResponse):
        read_response(response, [kafka_record(1), kafka_record(2)])


def test_delivery_resumes_at_the_lowest_identifier():
    records = [kafka_record(offset) for offset in (1, 2, 3, 4)]
    items = [{"itemIdentifier": KAFKA_ID | {"offset": offset}} for offset in (4, 2)]
    failures = read_response({"batchItemFailures": items}, records)
    assert failures.keys() == {1, 2, 3}
    assert isinstance(failures[1], ReportedFailure)
    assert isinstance(failures[2], NotDone)  # it did not fail: it merely comes again
    assert isinstance(failures[3], ReportedFailure)


def test_kinesis_identifiers_are_sequence_numbers():
    records = [kinesis_record(number) for number in ("9", "10", "11")]
    response = {"batchItemFailures": [{"itemIdentifier": "10"}]}
    assert read_response(response, records).keys() == {1, 2}


def test_failures_that_nobody_asked_for_are_done_and_told_once(capsys):
    """As on AWS; but there, nobody hears of what is lost so."""
    records = [kafka_record(1), kafka_record(2)]
    failures = Failures(partial=False)
    assert failures.of({"batchItemFailures": []}, records) is None
    assert failures.of(["batchItemFailures"], records) is None
    assert capsys.readouterr().out == ""
    for _ in range(2):
        assert failures.of({"batchItemFailures": [{"itemIdentifier": KAFKA_ID}]}, records) is None
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["setting"] == "HEADRACE_REPORT_BATCH_ITEM_FAILURES"
    assert line["level"] == "ERROR"


def test_failures_that_are_asked_for_are_read(capsys):
    items = [{"itemIdentifier": KAFKA_ID}]
    found = Failures(partial=True).of({"batchItemFailures": items}, [kafka_record(2)])
    assert found is not None
    assert isinstance(found[0], ReportedFailure)
    assert capsys.readouterr().out == ""
