"""`headrace models publish`: what goes in, and what does not run is not published."""

import json

import numpy as np
import pytest

from headrace.cli import main
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from tests.support.lazily import Lazily
from tests.support.models.onnx_graphs import mixes
from tests.support.models.publishing import STORE, published, refused

xgboost = Lazily("xgboost")


@pytest.fixture
def booster(here):
    rows = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    data = xgboost.DMatrix(rows, rows.sum(axis=1), feature_names=["a", "b", "c"])
    made = xgboost.train({"max_depth": 3}, data, 3)
    made.save_model(here / "model.json")
    made.save_model(here / "model.ubj")
    return here / "model.json"


def test_a_file_alone_is_enough(here, capsys):
    version = published("sums.onnx")

    assert version.manifest.libraries == {"onnxruntime|onnxruntime-gpu": ">=1.20,<2"}
    assert version.manifest.input_schema["maxItems"] == 3
    assert version.manifest.output_schema["properties"] == {"sum": {"type": "number"}}
    assert "no golden samples" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["model.ubj", "model.json"])
def test_a_booster_is_taken_in_both_forms(booster, name):
    version = published(name)

    assert list(version.manifest.input_schema["properties"]) == ["a", "b", "c"]
    assert version.manifest.output_schema["properties"] == {"prediction": {"type": "number"}}


def test_an_answer_that_is_left_out_is_recorded(here):
    (here / "golden.jsonl").write_text('{"input": [1, 2, 3]}\n')

    version = published("sums.onnx", "--golden", "golden.jsonl")

    assert json.loads(version.read("golden.jsonl")) == {"input": [1, 2, 3], "output": {"sum": 6.0}}


def test_card_metrics_and_other_files_go_along(here):
    (here / "labels.json").write_text('["a"]')
    (here / "card.md").write_text("# Sums\n")

    flags = ("--card", "card.md", "--metric", "auc=0.9")
    version = published("sums.onnx", "labels.json", *flags, alias="next")

    assert version.read("model_card.md") == b"# Sums\n"
    assert version.read("labels.json") == b'["a"]'
    assert version.manifest.metrics == {"auc": 0.9}


def test_names_come_from_a_schema(here):
    kinds = {name: {"type": "number"} for name in ("x", "y", "z")}
    schema = {"type": "object", "properties": kinds, "required": ["x", "y", "z"]}
    (here / "schema.json").write_text(json.dumps(schema))
    (here / "golden.jsonl").write_text(
        '{"input": {"x": 1, "y": 2, "z": 3}, "output": {"sum": 6}}\n'
    )

    published("sums.onnx", "--input", "schema.json", "--golden", "golden.jsonl")


def test_golden_samples_may_begin_with_a_byte_order_mark(here):
    (here / "golden.jsonl").write_bytes(b'\xef\xbb\xbf{"input": [1, 2, 3]}\n')
    published("sums.onnx", "--golden", "golden.jsonl")


def test_a_graph_that_mixes_rows_up_is_told_of(here, caplog):
    published("sums.onnx")
    assert not caplog.messages

    (here / "mixes.onnx").write_bytes(mixes())
    published("mixes.onnx")
    assert "mixes.onnx answers a row otherwise if others are asked with it" in caplog.text


def crash(booster):
    """Call trees a linear model: XGBoost follows a pointer that is none."""
    content = json.loads(booster.read_text())
    content["learner"]["gradient_booster"]["name"] = "gblinear"
    booster.write_text(json.dumps(content))


def test_a_booster_that_crashes_what_runs_it_is_not_published(booster, capsys):
    crash(booster)

    assert "crashed the process that loaded it: SIGSEGV" in refused(capsys, "model.json")


def test_verify_claims_no_golden_samples_that_are_not_there(here, capsys):
    published("sums.onnx")

    assert main(["models", "verify", "mine"]) == 0
    assert "it loads; it has no golden samples" in capsys.readouterr().out


def test_verify_finds_a_booster_that_crashes_what_runs_it(booster, here, capsys):
    crash(booster)
    Publisher(STORE).publish({"model.ubj": booster.read_bytes()}, Description(model="mine"))

    assert main(["models", "verify", "mine"]) == 1
    assert "crashed the process that loaded it: SIGSEGV" in capsys.readouterr().err
