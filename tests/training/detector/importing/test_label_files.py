"""An import with a label file of another model ends in one line, whatever kind of file it is."""

from pathlib import Path

import numpy as np
import pytest

from headrace.store.model_store import ModelStore
from models.detector.model import Detector
from tests.support.models.postprocessed_tflite import tflite
from training.detector.importing.job import main

CLASSES = 90
NAMES = [f"class {number}" for number in range(CLASSES)]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", "store")
    (tmp_path / "ssd.tflite").write_bytes(tflite(CLASSES, seen=(17, 88)))
    return tmp_path


def imports(text, encoding="utf-8"):
    Path("labels.txt").write_text(text, encoding=encoding)
    return main(["ssd.tflite", "--labels", "labels.txt"])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("\n".join(NAMES), "utf-8"),
        ("\n".join(["???", *NAMES]), "utf-8-sig"),
        ("\n".join(f"{number}  {name}" for number, name in enumerate(NAMES)), "utf-8"),
        (f"17  {NAMES[17]}\n88  {NAMES[88]}\n89  last", "utf-8"),
    ],
)
def test_the_names_are_those_of_the_classes(here, text, encoding):
    assert imports(text, encoding) == 0

    detector = Detector.load(ModelStore(here / "store").open("detector"))
    image = np.zeros((20, 20, 3), np.uint8)
    assert detector.detect(image).entities == ("class 17", "class 88")
    assert detector.detect(image).select(classes={"class 88"}).entities == ("class 88",)


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        ("\n".join(NAMES[:85]), "utf-8", "85 class names, but the model has 90 classes"),
        ("\n".join(NAMES[:80]), "utf-8", "80 class names, but the model has 90 classes"),
        ("\n".join(NAMES), "utf-16", "labels.txt: not UTF-8"),
        ("café\n" * CLASSES, "latin-1", "labels.txt: not UTF-8"),
    ],
)
def test_what_is_not_of_this_model_is_one_line(here, capsys, text, encoding, told):
    assert imports(text, encoding) == 1

    lines = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert len(lines) == 1
    assert told in lines[0]
    assert not (here / "store").exists()


def test_a_label_file_without_an_end_is_refused(here, capsys):
    assert main(["ssd.tflite", "--labels", "/dev/zero"]) == 1
    assert "/dev/zero: more than 1,000,000 bytes" in capsys.readouterr().err


def test_a_runtime_that_does_not_serve_tflite_is_refused(here, capsys):
    Path("labels.txt").write_text("\n".join(NAMES))
    asked = ["ssd.tflite", "--labels", "labels.txt", "--runtime"]
    assert main([*asked, "onnxruntime"]) == 1
    assert "ssd.tflite is a TFLite file: litert alone serves those" in capsys.readouterr().err


def test_a_name_that_no_model_has_is_told_before_anything_is_read(here, capsys):
    assert main(["nothing.tflite", "--model", "../x"]) == 1
    assert "not a name for a model: '../x'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value", "told"),
    [
        ("--box-coder", "0,10,5,5", "is not four numbers over 0"),
        ("--box-coder", "nan,10,5,5", "is not four numbers over 0"),
        ("--box-coder", "10,10,5", "is not four numbers over 0"),
        ("--input-range", "1,1", "is not two different numbers"),
        ("--input-range", "0,inf", "is not two different numbers"),
        ("--input-range", "low,high", "is not two different numbers"),
    ],
)
def test_numbers_that_no_picture_comes_out_of_are_refused(here, capsys, flag, value, told):
    with pytest.raises(SystemExit):
        main(["ssd.tflite", "--labels", "labels.txt", "--heads", "raw", f"{flag}={value}"])
    assert f"{value!r} {told}" in capsys.readouterr().err
