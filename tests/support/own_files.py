"""Files of a user in a working directory of their own."""

import sys

import pytest

WORKER = """
from headrace import Record, Worker, lambda_handler

class Named(Worker):
    def process(self, record: Record) -> str:
        return __file__

handler = lambda_handler(Named)
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory, and an interpreter that forgets what it imported from there."""
    monkeypatch.chdir(tmp_path)
    others = str(tmp_path.parents[1])  # the folders of other tests, which stay in the path
    monkeypatch.setattr(sys, "path", [path for path in sys.path if not path.startswith(others)])
    before = sys.modules.copy()
    for name in before:
        # This tree's own, and what another test has loaded.
        if name.partition(".")[0] in {"models", "training", "workers", "orders"}:
            del sys.modules[name]
    yield tmp_path
    for name in sys.modules.keys() - before.keys():
        del sys.modules[name]
    sys.modules.update(before)


def write(folder, name, text=WORKER):
    """A file with this name, as if it were a module's; returns its path."""
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent != folder:  # without it, this tree's own packages would be found
        (path.parent / "__init__.py").touch()
    path.write_text(text)
    return path
