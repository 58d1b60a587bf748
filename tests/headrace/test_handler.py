"""From an event to a response: one handler for every source."""

import base64
import json
import logging
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from headrace import Record, Reject, Reply, Worker, lambda_handler
from headrace.errors import BatchFailed, MalformedEvent, SettingsError
from headrace.handler import Handler
from headrace.processing import metrics
from headrace.record import KafkaPosition
from headrace.worker_host import WorkerHost

EVENTS = Path(__file__).parents[1] / "events"


def load(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


class Context:
    """What AWS Lambda passes beside the event, as far as workers look at it."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self):
        return int((self.end - time.monotonic()) * 1000)


class Reflecting(Worker):
    """Answers with the record's own words; fails and rejects on demand."""

    def process(self, record: Record):
        if record.value == b"fail" or record.key == b"bob":
            raise RuntimeError("on demand")
        if record.value == b"reject":
            raise Reject("on demand")
        return {"id": record.id}


@pytest.fixture
def reporting(monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")


def log_lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_partial_response_names_the_failed_partition(reporting):
    assert lambda_handler(Reflecting)(load("msk")) == {
        "batchItemFailures": [{"itemIdentifier": {"partition": "orders-3", "offset": 7}}]
    }


def test_complete_success_is_an_empty_list(reporting):
    assert lambda_handler(Reflecting)(load("kinesis")) == {"batchItemFailures": []}


def test_without_a_reporting_mapping_a_failure_raises():
    with pytest.raises(BatchFailed, match=r"1 of 4 records .* HEADRACE_REPORT_BATCH_ITEM_FAILURES"):
        lambda_handler(Reflecting)(load("msk"))


def test_without_a_reporting_mapping_success_is_still_success():
    assert lambda_handler(Reflecting)(load("kinesis")) == {"batchItemFailures": []}


@pytest.mark.parametrize("name", ["api_gateway_v1", "api_gateway_v2", "function_url", "alb"])
def test_a_request_gets_the_result(name):
    response = lambda_handler(Reflecting)(load(name))
    assert response["statusCode"] == 200
    assert json.loads(response["body"])["id"]


def test_a_reject_without_a_dead_letter_sink_fails_the_record(reporting):
    event = load("kinesis")
    event["Records"][1]["kinesis"]["data"] = base64.b64encode(b"reject").decode()
    failures = lambda_handler(Reflecting)(event)["batchItemFailures"]
    assert failures == [{"itemIdentifier": event["Records"][1]["kinesis"]["sequenceNumber"]}]


def test_results_and_dead_letters_reach_their_sinks(reporting, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADRACE_SINK_URL", f"file:{tmp_path}/results.jsonl")
    monkeypatch.setenv("HEADRACE_DEAD_LETTER_URL", f"file:{tmp_path}/dead.jsonl")
    event = load("kinesis")
    event["Records"][0]["kinesis"]["data"] = base64.b64encode(b"reject").decode()
    assert lambda_handler(Reflecting)(event) == {"batchItemFailures": []}
    (result,) = (tmp_path / "results.jsonl").read_text().splitlines()
    (letter,) = (tmp_path / "dead.jsonl").read_text().splitlines()
    assert event["Records"][1]["kinesis"]["sequenceNumber"] in result
    assert event["Records"][0]["kinesis"]["sequenceNumber"] in letter


def test_a_sink_that_does_not_acknowledge_holds_the_position(reporting):
    class Down:
        def send(self, messages):
            return [ConnectionError("sink is down") for _ in messages]

    handler = Handler.of(WorkerHost(Reflecting(), Down()))
    first = load("kinesis")["Records"][0]["kinesis"]["sequenceNumber"]
    assert handler(load("kinesis")) == {"batchItemFailures": [{"itemIdentifier": first}]}


def test_remaining_time_ends_the_batch_early(reporting):
    class Slow(Worker):
        def process(self, record):
            time.sleep(0.4)

    response = lambda_handler(Slow)(load("msk"), Context(1.2))  # one second is kept in reserve
    assert response["batchItemFailures"][0]["itemIdentifier"]["offset"] in {101, 105}


@pytest.mark.parametrize("context", [None, {}, ""])
def test_a_context_of_a_test_s_own_sets_no_end(context):
    assert lambda_handler(Reflecting)({"id": 1}, context) == lambda_handler(Reflecting)({"id": 1})


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


@pytest.mark.parametrize("body", ["%%", "a", "Zürich", "\ud800"])
def test_a_body_that_is_not_base64_is_the_callers_fault(body):
    response = lambda_handler(Reflecting)(load("function_url") | {"body": body})
    assert response["statusCode"] == 400
    assert "not base64" in json.loads(response["body"])["detail"]


def test_a_body_with_a_lone_surrogate_is_not_json():
    class Json(Worker):
        def process(self, record):
            return record.json()

    response = lambda_handler(Json)(load("api_gateway_v2") | {"body": '"\ud800"'})
    assert response["statusCode"] == 400


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


def test_setup_runs_once_at_first_use():
    class Counting(Worker):
        count = 0

        def setup(self):
            Counting.count += 1

        def process(self, record):
            return Counting.count

    handler = lambda_handler(Counting)
    assert Counting.count == 0
    assert [handler({}), handler({})] == [1, 1]


def test_a_handler_that_was_closed_sets_up_another_worker():
    told = []

    class Telling(Worker):
        def setup(self):
            told.append("up")

        def process(self, record):
            told.append(record.value)

        def close(self):
            told.append("down")

    handler = lambda_handler(Telling)
    for value in (b"1", b"2"):
        handler.run([Record("kafka", KafkaPosition("t", 0, 0), value)])
        handler.close()
        handler.close()

    assert told == ["up", b"1", "down", "up", b"2", "down"]


def test_setup_runs_in_the_init_phase_of_lambda(monkeypatch):
    class Broken(Reflecting):
        def setup(self):
            raise RuntimeError("model is missing")

    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    with pytest.raises(RuntimeError, match="model is missing"):
        lambda_handler(Broken)


def test_a_wrong_setting_names_its_variable(monkeypatch):
    monkeypatch.setenv("HEADRACE_WORKER_CONCURRENCY", "many")
    with pytest.raises(SettingsError, match="HEADRACE_WORKER_CONCURRENCY='many'"):
        lambda_handler(Reflecting)({})


def test_a_reply_reaches_a_direct_caller():
    class Png(Worker):
        def process(self, record):
            return Reply(b"\x89PNG", "image/png")

    assert lambda_handler(Png)({})["isBase64Encoded"] is True


def test_importing_a_worker_has_no_effects():
    code = "from workers.msk_consumer import handler; raise SystemExit(handler._host is not None)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
