"""`headrace invoke`: one event in, the answer out, and one line for what is wrong."""

import base64
import io
import json
import sys
from pathlib import Path

import pytest

from headrace.cli import main
from tests.support.models import tumor

EVENTS = Path(__file__).parents[2] / "events"
EVENT = str(Path(__file__).parents[3] / "examples" / "tumor.json")
WORKERS = """
from headrace import Record, Reply, Worker, lambda_handler

class Echo(Worker):
    def process(self, record: Record) -> dict:
        return record.json()

class Painter(Worker):
    def process(self, record: Record) -> Reply:
        return Reply(b"\\x89PNG", "image/png")

class Writer(Worker):
    def process(self, record: Record) -> Reply:
        return Reply(b"a,b", "text/csv")

class Talker(Worker):
    def process(self, record: Record) -> dict:
        self.log.warning("a line of the log")
        print("a printed line")
        return {"ok": True}

class Silent(Worker):
    def process(self, record: Record) -> None:
        pass

class Named(Worker):
    def process(self, record: Record) -> str:
        return record.id

handler, paint, write, talk, silent, named = map(
    lambda_handler, (Echo, Painter, Writer, Talker, Silent, Named)
)
"""


@pytest.fixture
def classifier(monkeypatch, tmp_path):
    """A worker of its own for each test: the module's handler keeps the model that it loaded."""
    from headrace.handler import Handler
    from workers import tumor_classifier

    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    tumor.publish(tmp_path / "models")
    fresh = Handler(tumor_classifier.TumorClassifier)
    monkeypatch.setattr(tumor_classifier, "handler", fresh)


@pytest.fixture
def here(monkeypatch, tmp_path):
    """A working directory with small workers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "echoing.py").write_text(WORKERS)
    yield tmp_path
    sys.modules.pop("echoing", None)


def test_it_answers_the_reference_event(classifier, capsys):
    assert main(["invoke", "workers.tumor_classifier", "--event", EVENT]) == 0
    assert json.loads(capsys.readouterr().out) == {"result": "B"}


def test_it_shows_a_refusal_and_fails(classifier, capsys, tmp_path):
    (tmp_path / "bad.json").write_text('{"radius_mean": "wide"}')
    arguments = ["--event", str(tmp_path / "bad.json")]
    assert main(["invoke", "workers.tumor_classifier", *arguments]) == 1
    response = json.loads(capsys.readouterr().out)
    assert response["statusCode"] == 400
    assert "radius_mean" in response["body"]


def answer(capsys, *arguments):
    assert main(["invoke", "echoing", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_answer_stands_alone_on_standard_output(here, capsys):
    assert main(["invoke", "echoing:talk", "--url", "https://h/x"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"ok": True}
    assert "a line of the log" in said.err
    assert "a printed line" in said.err


def test_a_call_has_a_name_of_its_own_as_on_aws(here, capsys):
    names = []
    for _ in range(2):
        assert main(["invoke", "echoing:named", "--url", "https://h/x"]) == 0
        names.append(json.loads(capsys.readouterr().out))
    assert all(names)
    assert len({*names}) == 2


@pytest.mark.parametrize(
    ("worker", "sink", "told"),
    [
        ("talk", None, "results that went nowhere: 2; set HEADRACE_SINK_URL"),
        ("talk", "file:out.jsonl", ""),
        ("silent", None, ""),
    ],
)
def test_results_that_go_nowhere_are_told(worker, sink, told, here, capsys, monkeypatch):
    """A worker of a stream seemed to do nothing."""
    event = str(EVENTS / "sqs.json")
    if sink:
        monkeypatch.setenv("HEADRACE_SINK_URL", sink)
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    assert main(["invoke", f"echoing:{worker}", "--event", event]) == 0
    found = capsys.readouterr()
    assert json.loads(found.out) == {"batchItemFailures": []}
    assert told in found.err
    assert bool(told) == ("nowhere" in found.err)


def test_the_event_may_come_from_standard_input(here, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"id": 7}')))
    assert answer(capsys, "--event", "-") == {"id": 7}


def test_the_event_may_be_about_a_url_with_further_fields(here, capsys):
    fields = ("--field", "min_score=0.5", "--field", "draw=true", "--field", "note=a=b")
    assert answer(capsys, "--url", "https://h/x.png", *fields) == {
        "url": "https://h/x.png",
        "min_score": 0.5,
        "draw": True,
        "note": "a=b",
    }


def test_the_event_may_be_about_a_local_file(here, capsys, monkeypatch):
    monkeypatch.setenv("HEADRACE_IMAGE_ALLOW_DATA", "")
    (here / "street.jpg").write_bytes(b"\xff\xd8")
    data = base64.b64encode(b"\xff\xd8").decode()
    assert answer(capsys, "--file", "street.jpg") == {"url": f"data:image/jpeg;base64,{data}"}


@pytest.mark.parametrize(("name", "body"), [("paint", b"\x89PNG"), ("write", b"a,b")])
def test_the_body_of_an_answer_goes_into_a_file(here, capsys, name, body):
    arguments = ["--url", "https://h/x", "--out", "answer"]
    assert main(["invoke", f"echoing:{name}", *arguments]) == 0
    assert (here / "answer").read_bytes() == body
    assert capsys.readouterr().out == "the answer is in answer\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["no_such_worker", "--event", EVENT], "no_such_worker"),
        (["./echoing.py", "--event", EVENT], "did you mean echoing?"),
        (["headrace.worker:Worker", "--event", EVENT], "neither process nor process_batch"),
        (["echoing", "--event", "/no/such/file"], "/no/such/file"),
        (["echoing", "--file", "/no/such/file"], "/no/such/file"),
        (["echoing", "--event", "echoing.py"], "echoing.py is not JSON"),
        (["echoing", "--event", EVENT, "--out", "x"], "no body"),
        (["echoing", "--event", EVENT, "--field", "draw"], "'draw' is not KEY=VALUE"),
    ],
)
def test_an_error_is_one_line_that_names_what_is_wrong(here, arguments, complaint, capsys):
    assert main(["invoke", *arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("headrace: ")
    assert complaint in line
