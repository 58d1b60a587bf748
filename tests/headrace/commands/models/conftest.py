"""What the tests of `headrace models` share."""

import argparse

import pytest

from headrace.commands.models import command as models_command
from headrace.store.publisher import Publisher
from tests.support.models.onnx_graphs import sums
from tests.support.models.store import UNSERVED_FILES, description


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory, with a graph in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADRACE_MODEL_ROOT", raising=False)
    (tmp_path / "sums.onnx").write_bytes(sums())
    return tmp_path


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """The output of `headrace models`."""
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "store"))
    monkeypatch.delenv("HEADRACE_MODEL_VERIFY_KEY", raising=False)
    parser = argparse.ArgumentParser()
    models_command.add_parser(parser.add_subparsers())

    def call(*words):
        args = parser.parse_args(["models", *map(str, words)])
        assert args.func(args) == 0
        return capsys.readouterr().out

    return call


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    return Publisher(tmp_path / "store")


@pytest.fixture
def versions(store):
    """Three versions of one model, the last of them current."""
    return [
        store.publish(UNSERVED_FILES | {"weights": b"%d" % n}, description(metrics={"auc": n / 10}))
        for n in range(3)
    ]
