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

from tests.support.served import ROOT, serve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WORKER = """\
from headrace import ModelWorker, lambda_handler


class Answers(ModelWorker):
    model = "mine"


handler = lambda_handler(Answers)
"""

# A pipeline of scikit-learn over a table; its columns get their names from a schema. What it must
# answer is written by scikit-learn itself, so that publishing proves the conversion.
SCIKIT_LEARN = """\
import json

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

names = ["age", "income", "children"]
rng = np.random.default_rng(1)
rows = np.stack([rng.uniform(18, 80, 400), rng.normal(50, 15, 400), rng.integers(0, 5, 400)], 1)
rows = rows.astype(np.float32)
late = (rows[:, 0] < 30) | ((rows[:, 2] > 2) & (rows[:, 1] < 45))
model = make_pipeline(StandardScaler(), RandomForestClassifier(20, random_state=0)).fit(rows, late)
onnx = to_onnx(model, rows[:1], options={"zipmap": False})
open("model.onnx", "wb").write(onnx.SerializeToString())
kinds = {"age": {"type": "number", "minimum": 0}, "income": {"type": "number"}}
properties = kinds | {"children": {"type": "integer", "minimum": 0}}
schema = {"type": "object", "properties": properties, "required": names}
json.dump(schema, open("schema.json", "w"))
with open("golden.jsonl", "w") as file:
    for row, chances in zip(rows[::40].tolist(), model.predict_proba(rows[::40]).tolist()):
        values = dict(zip(names, [row[0], row[1], int(row[2])]))
        file.write(json.dumps({"input": values, "output": {"probabilities": chances}}) + "\\n")
"""

XGBOOST = """\
import json

import numpy as np
import xgboost

names = ["rooms", "metres", "age"]
rows = np.random.default_rng(2).uniform(1, 100, (500, 3)).astype(np.float32)
price = 30 * rows[:, 0] + 4 * rows[:, 1] - rows[:, 2]
data = xgboost.DMatrix(rows, price, feature_names=names)
booster = xgboost.train({"max_depth": 5, "eta": 0.3}, data, 60)
booster.save_model("model.ubj")
with open("golden.jsonl", "w") as file:
    for row, value in zip(rows[:8].tolist(), booster.predict(data)[:8].tolist()):
        sample = {"input": dict(zip(names, row)), "output": {"prediction": value}}
        file.write(json.dumps(sample) + "\\n")
"""

# Two tensors with names, one of them of any length.
ONNX = """\
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

weights = np.random.default_rng(3).normal(size=(4, 3)).astype(np.float32)
nodes = [
    helper.make_node("ReduceMean", ["signal"], ["mean"], axes=[1], keepdims=0),
    helper.make_node("Concat", ["mean", "weight"], ["joined"], axis=1),
    helper.make_node("MatMul", ["joined", "W"], ["logits"]),
    helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0),
]
graph = helper.make_graph(
    nodes,
    "classifier",
    [
        helper.make_tensor_value_info("signal", TensorProto.FLOAT, ["n", "time", 3]),
        helper.make_tensor_value_info("weight", TensorProto.FLOAT, ["n", 1]),
    ],
    [
        helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3]),
    ],
    [numpy_helper.from_array(weights, "W")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
open("model.onnx", "wb").write(model.SerializeToString())
signal = [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]
joined = np.array([*np.mean(signal, axis=0), 0.5], np.float32)
label = int(np.argmax(joined @ weights))
sample = {"input": {"signal": signal, "weight": 0.5}, "output": {"label": label}}
open("golden.jsonl", "w").write(json.dumps(sample) + "\\n")
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
