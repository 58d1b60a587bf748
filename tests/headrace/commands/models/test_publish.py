"""`headrace models publish`: what goes in, and one line for whatever does not."""

import json
from pathlib import Path

import numpy as np
import pytest

from headrace.cli import main
from headrace.store.manifest import Description
from headrace.store.model_store import ModelStore
from headrace.store.publisher import Publisher
from tests.support.lazily import Lazily
from tests.support.models.onnx_graphs import mixes, sums

xgboost = Lazily("xgboost")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADRACE_MODEL_ROOT", raising=False)
    (tmp_path / "sums.onnx").write_bytes(sums())
    return tmp_path


@pytest.fixture
def booster(here):
    rows = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    data = xgboost.DMatrix(rows, rows.sum(axis=1), feature_names=["a", "b", "c"])
    made = xgboost.train({"max_depth": 3}, data, 3)
    made.save_model(here / "model.json")
    made.save_model(here / "model.ubj")
    return here / "model.json"


STORE = Path("var/models")


def published(*words, alias="current"):
    assert main(["models", "publish", "mine", *words, "--alias", alias]) == 0
    return ModelStore(STORE).verify("mine", alias)


def refused(capsys, *words):
    assert main(["models", "publish", "mine", *words]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


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


@pytest.mark.parametrize(
    ("files", "flags", "told"),
    [
        ({}, ["gone.onnx"], "gone.onnx: no such file"),
        ({"model.joblib": b"x"}, ["model.joblib"], "convert a scikit-learn model with skl2onnx"),
        ({"m.onnx": b"x", "m.pt": b"x"}, ["m.onnx", "m.pt"], "export it with torch.onnx.export"),
        ({"model.bin": b"x"}, ["model.bin"], "no file that a runtime takes: .onnx"),
        ({"a.onnx": b"x"}, ["sums.onnx", "a.onnx"], "several files could be the model"),
        ({"m.onnx": b"not a graph"}, ["m.onnx"], "m.onnx did not load"),
        ({"m.tflite": b"not a graph"}, ["m.tflite"], "m.tflite did not load"),
        ({"m.ubj": b"not a booster"}, ["m.ubj"], "not a booster in UBJSON or JSON"),
        ({"g": b"x"}, ["sums.onnx", "--golden", "g"], "line 1: not"),
        ({"g": b""}, ["sums.onnx", "--golden", "g"], "has 0 samples"),
        ({"g": b'{"input":[1]}'}, ["sums.onnx", "--golden", "g"], "golden sample 1: the row does"),
        (
            {"g": b'{"input":[1,2,3],"output":{"sum":7}}'},
            ["sums.onnx", "--golden", "g"],
            "sum is 6.0, not 7",
        ),
        ({"s": b"x"}, ["sums.onnx", "--input", "s"], "s: "),
        ({"s": b"[]"}, ["sums.onnx", "--input", "s"], "not a JSON Schema"),
        (
            {"s": b'{"type":"object","properties":{"x":{"type":"number"}}}'},
            ["sums.onnx", "--input", "s"],
            "has 1 values, the graph takes 3",
        ),
        ({}, ["sums.onnx", "--metric", "auc"], "'auc' is not KEY=VALUE"),
        ({}, ["sums.onnx", "--metric", "a=1", "--metric", "a=2"], "--metric: a is given twice"),
        ({}, ["sums.onnx", "--metric", "auc=high"], "--metric: auc=high: 'high' is no number"),
        ({}, ["sums.onnx", "--metric", "auc=nan"], "--metric: auc=nan: 'nan' is no number"),
        ({}, ["sums.onnx", "--tolerance", "nan"], "the tolerance nan is no number from 0 on"),
        ({}, ["sums.onnx", "--tolerance", "-1"], "the tolerance -1.0 is no number from 0 on"),
        ({"c": b"\xff\xfe#"}, ["sums.onnx", "--card", "c"], "the model card is not text in UTF-8"),
        ({"c": b"a\0b"}, ["sums.onnx", "--card", "c"], "not text: '\\x00' stands in it"),
        ({}, ["sums.onnx", "--card", "/dev/zero"], "/dev/zero: more than 1,000,000 bytes"),
        ({}, ["/dev/null"], "/dev/null: not a plain file"),
        ({}, ["sums.onnx", "--runtime", "xgboost"], "no file that xgboost takes: .ubj or .json"),
        ({}, ["sums.onnx", "--alias", "Next"], "not a name for an alias: 'Next'"),
        ({}, ["sums.onnx", "--signature", "serve"], "only a SavedModel has signatures"),
        (
            {"g": b'{"input":[3e38,3e38,0]}'},
            ["sums.onnx", "--golden", "g"],
            "golden sample 1 is answered with what JSON cannot say: NaN and Infinity",
        ),
        ({}, ["sums.onnx", "--golden", "gone"], "gone"),
        ({"f/saved_model.pb": b"x"}, ["f"], "ask for it with --runtime tensorflow"),
        ({"golden.jsonl": b"x"}, ["sums.onnx", "golden.jsonl"], "golden.jsonl is a name of ours"),
    ],
)
def test_what_is_wrong_is_one_line(here, capsys, files, flags, told):
    for name, content in files.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(content)

    assert told in refused(capsys, *flags)
    assert not (here / "var/models/mine/aliases/current").exists()


def test_a_name_is_checked_before_anything_is_loaded(here, capsys, monkeypatch):
    monkeypatch.setattr("headrace.inference.publishing.examine", None)
    assert main(["models", "publish", "A/b", "sums.onnx"]) == 1
    assert "not a name for a model: 'A/b'" in capsys.readouterr().err


def test_a_file_without_a_name_is_not_the_working_directory(here, capsys):
    with pytest.raises(SystemExit):
        main(["models", "publish", "mine", ""])
    assert "the name of a file is empty" in capsys.readouterr().err


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


def test_a_runtime_that_is_not_installed_is_told_with_its_extra(here, capsys, monkeypatch):
    (here / "sitecustomize.py").write_text("import sys\nsys.modules['onnxruntime'] = None\n")
    monkeypatch.syspath_prepend(str(here))

    assert "pip install 'headrace[onnx]'" in refused(capsys, "sums.onnx")
