"""From an event to a response: one handler for every source."""

import base64
import json
import time

import pytest

from headrace import Reply, Worker, lambda_handler
from headrace.errors import BatchFailed
from headrace.handler import Handler
from headrace.worker_host import WorkerHost
from tests.support.reflecting import Context, Reflecting, load


@pytest.fixture
def reporting(monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")


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


def test_a_reply_reaches_a_direct_caller():
    class Png(Worker):
        def process(self, record):
            return Reply(b"\x89PNG", "image/png")

    assert lambda_handler(Png)({})["isBase64Encoded"] is True
