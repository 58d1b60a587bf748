"""The command `headrace models publish` in tests."""

from pathlib import Path

from headrace.cli import main
from headrace.store.model_store import ModelStore

STORE = Path("var/models")


def published(*words, alias="current"):
    """The version that the command has published."""
    assert main(["models", "publish", "mine", *words, "--alias", alias]) == 0
    return ModelStore(STORE).verify("mine", alias)


def refused(capsys, *words):
    """The one line with which the command fails."""
    assert main(["models", "publish", "mine", *words]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line
