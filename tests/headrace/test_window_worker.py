"""A worker of tumbling windows: its state goes in and out, and holds each record once."""

import json

import pytest

from headrace import Record, Reject, WindowWorker, lambda_handler
from headrace.errors import BatchFailed, MalformedEvent, WorkerError
from headrace.json_text import JsonError
from headrace.testing import kinesis_event
from headrace.worker import WorkerSettings

ABOUT = {
    "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:02:00Z"},
    "shardId": "shardId-000000000000",
    "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
    "isWindowTerminatedEarly": False,
}


class Totals(WindowWorker):
    """Adds numbers; changes its state before it looks at what may be wrong with a record."""

    def add(self, state, record):
        state["last"] = record.text()
        if record.value == b"reject":
            raise Reject("not a number")
        if record.value == b"group":
            raise ExceptionGroup("tasks", [Reject("not a number")])
        state["sum"] = state.get("sum", 0) + int(record.value)
        return state

    def finish(self, state, window):
        return {"from": window.start, **state}


def event(*values, state=None, final=False):
    records = kinesis_event([str(value).encode() for value in values])["Records"] if values else []
    return {**ABOUT, "Records": records, "state": state or {}, "isFinalInvokeForWindow": final}


@pytest.fixture
def handle(tmp_path):
    settings = WorkerSettings(
        report_batch_item_failures=True,
        sink_url=f"file:{tmp_path}/results",
        dead_letter_url=f"file:{tmp_path}/letters",
    )
    return lambda_handler(Totals).with_settings(settings)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_state_goes_in_and_out(handle):
    answer = handle(event(1, 2))
    assert answer == {"batchItemFailures": [], "state": {"last": "2", "sum": 3}}
    assert handle(event(4, state=answer["state"]))["state"] == {"last": "4", "sum": 7}


def test_parts_of_a_window_that_ended_early_are_told_apart(handle, tmp_path):
    """A table passed over all but the first: they had the name of the window."""
    early = {"isWindowTerminatedEarly": True}
    for state in ({"sum": 1}, {"sum": 2}, {"sum": 2}):  # the last one comes again
        handle(event(state=state, final=True) | early)
    handle(event(state={"sum": 3}, final=True))

    one, two, again, last = [line["id"] for line in lines(tmp_path / "results")]
    assert len({one, two, last}) == 3
    assert again == two
    assert last == "clicks:shardId-000000000000@2026-01-01T00:00:00Z"


def test_what_came_of_a_window_goes_to_the_sink_when_it_is_over(handle, tmp_path):
    assert handle(event(1)) != handle(event(2))
    assert lines(tmp_path / "results") == []
    handle(event(state={"sum": 7}, final=True))
    (result,) = lines(tmp_path / "results")
    assert result["value"] == {"from": "2026-01-01T00:00:00Z", "sum": 7}
    assert result["id"] == "clicks:shardId-000000000000@2026-01-01T00:00:00Z"


def test_records_of_the_last_invocation_are_added_first(handle, tmp_path):
    handle(event(5, state={"sum": 7}, final=True))
    assert lines(tmp_path / "results")[0]["value"]["sum"] == 12


def test_a_failure_is_the_end_of_the_invocation_and_the_state_holds_what_was_before(handle):
    told = event(1, 2, "x", 4, state={"sum": 10})
    answer = handle(told)
    number = told["Records"][2]["kinesis"]["sequenceNumber"]
    assert answer["batchItemFailures"] == [{"itemIdentifier": number}]
    assert answer["state"] == {"last": "2", "sum": 13}


def test_a_window_is_not_over_while_a_record_fails(handle, tmp_path):
    assert handle(event("x", final=True))["batchItemFailures"]
    assert lines(tmp_path / "results") == []


def test_a_rejected_record_is_passed_over_and_leaves_no_trace_in_the_state(handle, tmp_path):
    answer = handle(event(1, "reject", 2, "group"))
    assert answer == {"batchItemFailures": [], "state": {"last": "2", "sum": 3}}
    assert len(lines(tmp_path / "letters")) == 2
    answer = handle(event(1, "group", 2, "x", state={"sum": 1}))
    assert answer["state"] == {"last": "2", "sum": 4}


def test_a_rejected_record_whose_letter_is_lost_has_nothing_behind_it_added():
    settings = WorkerSettings(report_batch_item_failures=True)
    answer = lambda_handler(Totals).with_settings(settings)(event(1, "reject", 2))
    assert len(answer["batchItemFailures"]) == 1
    assert answer["state"] == {"last": "1", "sum": 1}


def test_without_partial_responses_a_failure_is_one_of_the_batch():
    with pytest.raises(BatchFailed):
        lambda_handler(Totals)(event(1, "x"))


def test_a_final_result_that_is_not_written_has_the_window_finished_again(handle, monkeypatch):
    monkeypatch.setattr(Totals, "finish", lambda self, state, window: {1, 2})
    with pytest.raises(JsonError, match="set"):
        handle(event(final=True))


def test_a_state_that_is_forgotten_fails_its_record(monkeypatch, handle):
    monkeypatch.setattr(Totals, "add", lambda self, state, record: None)
    assert len(handle(event(1))["batchItemFailures"]) == 1


def test_a_state_that_is_not_json_is_told(monkeypatch, handle):
    monkeypatch.setattr(Totals, "add", lambda self, state, record: {"seen": {1}})
    with pytest.raises(JsonError, match="set"):
        handle(event(1))


def test_any_text_may_be_in_a_state(handle):
    assert handle(event(1, state={"half": "\ud83d"}))["state"]["half"] == "\ud83d"


def test_declared_input_is_read_and_what_does_not_fit_is_rejected(tmp_path):
    class Typed(WindowWorker[int]):
        def add(self, state, record: Record[int]):
            return {"sum": state.get("sum", 0) + record.data}

    settings = WorkerSettings(
        report_batch_item_failures=True, dead_letter_url=f"file:{tmp_path}/letters"
    )
    answer = lambda_handler(Typed).with_settings(settings)(event(1, "no", 2))
    assert answer == {"batchItemFailures": [], "state": {"sum": 3}}


def test_any_other_event_is_refused(handle):
    for other in (kinesis_event([b"1"]), {}, None):
        with pytest.raises(MalformedEvent, match="Totals is for tumbling windows"):
            handle(other)
    with pytest.raises(MalformedEvent, match="malformed tumbling window event"):
        handle(event(1) | {"state": 1})


@pytest.mark.parametrize("name", ["process", "process_batch"])
def test_a_method_that_would_never_be_called_is_refused(name):
    with pytest.raises(WorkerError, match="write add"):
        type("Wrong", (WindowWorker,), {name: lambda self, one: None})


def test_a_window_is_added_up_in_one_order():
    async def add(self, state, record):
        return state

    with pytest.raises(WorkerError, match="add is async"):
        type("Wrong", (WindowWorker,), {"add": add})
