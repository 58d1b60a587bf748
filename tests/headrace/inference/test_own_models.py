"""Models of one's own, as a user goes: a training script, a publish, an answer over HTTP and Kafka.

Each project lies outside of the tree. Nothing in it knows more of Headrace than its worker's five
lines.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.models.training_scripts import ONNX, SCIKIT_LEARN, XGBOOST
from tests.support.served import ROOT, serve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WORKER = """\
from headrace import ModelWorker, lambda_handler


class Answers(ModelWorker):
    model = "mine"


handler = lambda_handler(Answers)
"""


class Project(NamedTuple):
    """A published model in its folder, and what it must answer."""

    folder: Path
    samples: list[dict]
    flags: list[str]

    def headrace(self, *words, check=True):
        return call(self.folder, "-m", "headrace", *words, check=check)


def call(folder, *words, check=True):
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HEADRACE_MODEL_ROOT": str(folder / "models")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture(
    scope="module", params=[SCIKIT_LEARN, XGBOOST, ONNX], ids=["scikit-learn", "xgboost", "onnx"]
)
def project(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "train.py").write_text(request.param)
    (folder / "handler.py").write_text(WORKER)
    (folder / "card.md").write_text("# Mine\n")
    call(folder, "train.py")
    (model,) = folder.glob("model.*")
    flags = ["--input", "schema.json"] if (folder / "schema.json").exists() else []
    lines = (folder / "golden.jsonl").read_text().splitlines()
    project = Project(folder, [json.loads(line) for line in lines], flags)
    flags = ["--golden", "golden.jsonl", "--card", "card.md", "--metric", "auc=0.9", *flags]
    said = project.headrace("models", "publish", "mine", model.name, *flags).stdout
    assert said.startswith("mine current is now ")
    return project


def agree(answer, expected):
    """Compare by what is expected; the conversion works in single precision."""
    for name, value in expected.items():
        assert answer[name] == pytest.approx(value, rel=1e-3, abs=1e-3)


def test_it_answers_over_http(project, tmp_path):
    environ = {"HEADRACE_MODEL_ROOT": str(project.folder / "models"), "PYTHONPATH": str(ROOT)}
    with serve(tmp_path, "handler", cwd=project.folder, **environ) as served:
        for sample in project.samples:
            answer = served.request("POST", "/predict", body=json.dumps(sample["input"]))
            assert answer.status == 200, answer.data
            agree(answer.json(), sample["output"])
        refused = served.request("POST", "/predict", body=json.dumps({"rooms": "many"}))
        assert refused.status == 400
        assert refused.json()["errors"]


def test_it_answers_from_kafka(project, headrace_kafka, tmp_path):
    orders, results, dead = (headrace_kafka.topic(partitions=2) for _ in range(3))
    values = [sample["input"] for sample in project.samples] * 20
    orders.produce([*values, {"nonsense": True}])

    project.headrace(
        "run", "handler", "--kafka", headrace_kafka.bootstrap, "--topic", orders.name,
        "--sink-url", results.url, "--dead-letter-url", dead.url,
        "--max-records", len(values) + 1, "--starting-position", "TRIM_HORIZON",
    )  # fmt: skip

    answers = [record.json() for record in results.records()]
    assert len(answers) == len(values)
    first = project.samples[0]["output"]
    assert any(near(answer, first) for answer in answers)
    (letter,) = dead.records()
    assert b"does not fit the model's input" in letter.value


def near(answer, expected):
    try:
        agree(answer, expected)
    except AssertionError:
        return False
    return True


def test_it_is_verified_and_can_be_looked_at(project):
    verified = project.headrace("models", "verify", "mine").stdout
    assert "is sound" in verified
    assert "it loads, and answers its golden samples" in verified
    shown = json.loads(project.headrace("models", "show", "mine", "--json").stdout)
    assert shown["attributes"]["serving"]["golden"] is True
    assert {entry["path"] for entry in shown["files"]} >= {"golden.jsonl", "model_card.md"}
    assert shown["input_schema"]["type"] == "object"


def test_a_model_that_answers_otherwise_than_its_samples_is_not_published(project):
    first = json.loads((project.folder / "golden.jsonl").read_text().splitlines()[0])
    name = next(iter(first["output"]))
    first["output"] = {name: 12345}
    (project.folder / "wrong.jsonl").write_text(json.dumps(first) + "\n")
    (model,) = project.folder.glob("model.*")

    refused = project.headrace(
        "models",
        "publish",
        "mine",
        model.name,
        "--golden",
        "wrong.jsonl",
        *project.flags,
        check=False,
    )

    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert "golden sample 1 is answered otherwise than recorded" in line
    assert f"{name} is " in line
