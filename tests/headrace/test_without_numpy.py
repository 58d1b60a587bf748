"""What needs NumPy or a runtime says so in one line, and what does not goes on without."""

import os
import subprocess
import sys

import pytest

from tests.support.models.onnx_graphs import sums
from tests.support.served import ROOT

WITHOUT = """
import sys
sys.modules["numpy"] = None
from headrace.cli import main
sys.exit(main(sys.argv[1:]))
"""
WORKER = """
from headrace import ModelWorker, lambda_handler


class Sums(ModelWorker):
    model = "sums"


handler = lambda_handler(Sums)
"""


def headrace(folder, *words):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize(
    ("name", "extra"), [("m.onnx", "onnx"), ("m.ubj", "xgboost"), ("m.tflite", "litert")]
)
def test_publishing_names_the_extra_of_its_runtime(tmp_path, name, extra):
    (tmp_path / name).write_bytes(sums())

    code, (line,) = headrace(tmp_path, "models", "publish", "sums", name)

    assert code == 1
    assert f"numpy is not installed: pip install 'headrace[{extra}]'" in line


def test_a_model_worker_names_the_extras_that_run_models(tmp_path):
    (tmp_path / "sums.py").write_text(WORKER)
    (tmp_path / "event.json").write_text("[1, 2, 3]")

    code, lines = headrace(tmp_path, "invoke", "sums", "--event", "event.json")

    assert code == 1
    assert "pip install 'headrace[onnx]', 'headrace[xgboost]' or" in lines[-1]
    assert len(lines) == 1


def test_the_store_is_looked_at_without(tmp_path):
    assert headrace(tmp_path, "models", "list") == (0, [])
