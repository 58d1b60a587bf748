"""`headrace models publish`: one line for whatever is wrong."""

import pytest

from headrace.cli import main
from tests.support.models.publishing import refused


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


def test_a_runtime_that_is_not_installed_is_told_with_its_extra(here, capsys, monkeypatch):
    (here / "sitecustomize.py").write_text("import sys\nsys.modules['onnxruntime'] = None\n")
    monkeypatch.syspath_prepend(str(here))

    assert "pip install 'headrace[onnx]'" in refused(capsys, "sums.onnx")
