"""The command line as a user types it."""

import json
from pathlib import Path

import pytest

from headrace.cli import main
from headrace.sinks import lines
from tests.support import tumor

EVENT = str(Path(__file__).parents[2] / "examples" / "tumor.json")


@pytest.fixture
def model_root(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def classifier(monkeypatch, model_root):
    """A worker of its own for each test: the module's handler keeps the model that it loaded."""
    from headrace.handler import Handler
    from workers import tumor_classifier

    tumor.publish(model_root)
    fresh = Handler(tumor_classifier.TumorClassifier)
    monkeypatch.setattr(tumor_classifier, "handler", fresh)


def test_invoke_answers_the_reference_event(classifier, capsys):
    assert main(["invoke", "--event", EVENT]) == 0
    assert json.loads(capsys.readouterr().out) == {"result": "B"}


def test_invoke_shows_a_problem_and_fails(classifier, capsys, tmp_path):
    (tmp_path / "bad.json").write_text('{"radius_mean": "wide"}')
    assert main(["invoke", "--event", str(tmp_path / "bad.json")]) == 1
    response = json.loads(capsys.readouterr().out)
    assert response["statusCode"] == 400
    assert "radius_mean" in response["body"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["invoke", "no_such_worker", "--event", EVENT], "no_such_worker"),
        (["invoke", "headrace.worker:Worker", "--event", EVENT], "not made by lambda_handler"),
        (["invoke", "--event", "/no/such/file"], "/no/such/file"),
        (["produce", "--to", "carrier-pigeon://nest"], "carrier-pigeon"),
        (["run", "msk_consumer", "--kafka", "127.0.0.1:1"], "--topic"),
        (
            ["run", "msk_consumer", "--kinesis", "s", "--batch-size", "many"],
            "HEADRACE_BATCH_SIZE='many'",
        ),
    ],
)
def test_an_error_is_one_line_that_names_what_is_wrong(arguments, complaint, model_root, capsys):
    assert main(arguments) == 1
    (line,) = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("headrace: ")
    ]
    assert complaint in line


def produced(path):
    return [lines.decode(line) for line in path.read_bytes().splitlines()]


def test_produce_writes_rows_of_the_data_set(tmp_path, capsys):
    target = tmp_path / "out.jsonl"
    assert main(["produce", "--to", f"file:{target}", "--count", "3"]) == 0
    messages = produced(target)
    assert [message.key for message in messages] == [b"0", b"1", b"2"]
    assert len(json.loads(messages[0].value)) == 31
    assert "produced 3 messages" in capsys.readouterr().out


def test_produce_repeats_a_short_file_and_sends_bad_lines_as_they_are(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'{"user": 7}\n\nnot json\r\n')
    arguments = ["--file", str(source), "--key-field", "user", "--count", "3"]
    assert main(["produce", "--to", f"file:{target}", *arguments]) == 0
    assert [(message.key, message.value) for message in produced(target)] == [
        (b"7", b'{"user": 7}'),
        (None, b"not json"),
        (b"7", b'{"user": 7}'),
    ]


def test_produce_refuses_an_empty_file(tmp_path, capsys):
    (tmp_path / "empty.jsonl").touch()
    arguments = ["--to", f"file:{tmp_path}/out.jsonl", "--file", str(tmp_path / "empty.jsonl")]
    assert main(["produce", *arguments]) == 1
    assert "holds no messages" in capsys.readouterr().err
