"""A runtime brings its models; without it, none is published."""

import numpy as np
import pytest

from tests.support.installed import ROOT
from tests.support.lazily import Lazily
from tests.support.models.onnx_graphs import sums

xgboost = Lazily("xgboost")

pytestmark = pytest.mark.slow(seconds=3)  # environments are made


MODELS = {"xgboost": "model.ubj", "litert": "model.tflite", "onnx": "model.onnx"}


@pytest.fixture
def model(request, folder):
    """A model's file, made by what this tree has installed."""
    extra = request.param
    path = folder / MODELS[extra]
    if extra == "litert":
        path.write_bytes((ROOT / "artifacts/detector/detector-float16.tflite").read_bytes())
    elif extra == "xgboost":
        table = xgboost.DMatrix(np.arange(8.0).reshape(4, 2), np.arange(4.0))
        path.write_bytes(bytes(xgboost.train({}, table, 1).save_raw("ubj")))
    else:
        path.write_bytes(sums())
    return extra, path.name


@pytest.mark.parametrize("model", MODELS, indirect=True)
def test_a_runtime_brings_its_models(environment, folder, model):
    extra, file = model
    installed = environment(extra)
    said = installed.headrace("models", "publish", "mine", file, at=folder)
    assert said.stdout.startswith("mine current is now "), said.stderr
    assert "is sound" in installed.headrace("models", "verify", "mine", at=folder).stdout


@pytest.mark.parametrize("model", MODELS, indirect=True)
def test_a_model_without_its_runtime_is_not_published(environment, folder, model):
    extra, file = model
    done = environment("").headrace("models", "publish", "mine", file, at=folder)
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"is not installed: pip install 'headrace[{extra}]'")
