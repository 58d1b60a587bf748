"""What a handler tells of a batch: a line of its log, and metrics."""

import base64
import logging
import warnings

import pytest

from headrace import lambda_handler
from headrace.errors import BatchFailed, MalformedEvent, SettingsError
from headrace.processing import metrics
from tests.support.reflecting import Context, Reflecting, load, log_lines


@pytest.fixture
def reporting(monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")


def test_a_timeout_that_leaves_no_time_for_any_record_is_told(reporting, monkeypatch, capsys):
    """A function with a timeout of a second did nothing, for ever, without a word."""
    wrong = "not attempted: the remaining time is too short"
    lambda_handler(Reflecting)(load("msk"), Context(1.0))
    (line,) = log_lines(capsys)
    assert (line["message"], line["error"]) == ("no record of the batch is done", wrong)
    assert line["deadline_reserve_seconds"] == 1.0

    monkeypatch.delenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES")
    with pytest.raises(BatchFailed, match=wrong):
        lambda_handler(Reflecting)(load("msk"), Context(1.0))


def test_a_malformed_event_is_one_error_and_is_not_processed(capsys):
    with pytest.raises(MalformedEvent, match="malformed Kafka event"):
        lambda_handler(Reflecting)({"eventSource": "aws:kafka", "records": 5})
    assert log_lines(capsys) == []  # whoever invoked logs what was raised, once


def test_failures_are_one_log_line_with_the_first_few(reporting, capsys):
    event = load("kinesis")
    message = event["Records"][0]
    event["Records"] = [
        message
        | {
            "kinesis": message["kinesis"]
            | {
                "sequenceNumber": str(i),
                "partitionKey": str(i),
                "data": base64.b64encode(b"fail").decode(),
            }
        }
        for i in range(500)
    ]
    lambda_handler(Reflecting)(event)
    (line,) = log_lines(capsys)
    assert (line["failed"], line["batch"], len(line["first"])) == (500, 500, 3)
    assert "on demand" in line["first"][0]["error"]
    assert line["exception"].count("Traceback") == 1


def test_an_unexpected_error_is_logged_for_us_and_hidden_from_the_caller(capsys):
    event = load("api_gateway_v2") | {"body": "fail"}
    response = lambda_handler(Reflecting)(event)
    assert response["statusCode"] == 500
    assert "on demand" not in response["body"]
    (line,) = log_lines(capsys)
    assert "on demand" in line["exception"]


def test_metrics_count_what_became_of_the_batch(reporting, monkeypatch, capsys):
    monkeypatch.setenv("HEADRACE_EMF_METRICS", "true")
    lambda_handler(Reflecting)(load("msk"))
    (metrics,) = [line for line in log_lines(capsys) if "_aws" in line]
    counts = {name: metrics[name] for name in metrics if name.startswith("Records")}
    assert counts == {
        "RecordsReceived": [4.0],
        "RecordsDone": [3.0],
        "RecordsRejected": [0.0],
        "RecordsFailed": [1.0],
        "RecordsNotDone": [1.0],
    }
    assert metrics["source"] == "kafka"
    assert metrics["MaxLag"][0] > 0


def test_metrics_that_cannot_be_written_are_told_at_the_start(monkeypatch):
    monkeypatch.setattr(metrics, "find_spec", lambda name: None)
    monkeypatch.setenv("HEADRACE_EMF_METRICS", "true")
    with pytest.raises(SettingsError, match=r"pip install 'headrace\[lambda\]'"):
        lambda_handler(Reflecting).worker()


def test_in_lambda_a_worker_without_what_writes_metrics_works(monkeypatch, reporting):
    monkeypatch.setattr(metrics, "find_spec", lambda name: None)
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert lambda_handler(Reflecting)(load("kinesis")) == {"batchItemFailures": []}
