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
