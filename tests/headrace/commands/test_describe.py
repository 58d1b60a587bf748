"""`headrace describe`: what a worker takes, without setting it up."""

import json
import sys

import pytest

from headrace.cli import main

WORKERS = '''
import msgspec
from headrace import Worker, lambda_handler

class Order(msgspec.Struct):
    id: int

class Orders(Worker[Order]):
    """Takes orders.

    With care.
    """

    def setup(self):
        raise OSError("not to be set up")

    def process(self, record):
        return record.data.id

class Plain(Worker):
    def process(self, record):
        return 1

handler, plain = map(lambda_handler, (Orders, Plain))
'''


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "describing.py").write_text(WORKERS)
    yield
    sys.modules.pop("describing", None)


def test_a_declared_input_is_a_json_schema(capsys):
    assert main(["describe", "describing"]) == 0
    said = json.loads(capsys.readouterr().out)

    assert said["worker"] == "Orders"
    assert said["about"] == "Takes orders."
    assert said["input"]["$defs"]["Order"]["properties"] == {"id": {"type": "integer"}}


def test_a_worker_that_declares_none_says_so(capsys):
    assert main(["describe", "describing:plain"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "worker": "Plain",
        "module": "describing",
        "about": "",
        "input": None,
    }
