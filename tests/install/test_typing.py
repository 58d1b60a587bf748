"""The README's example passes strict type checkers against what is installed."""

import re
import subprocess
import sys

import pytest

from tests.support.installed import ROOT

pytestmark = pytest.mark.slow(seconds=3)  # environments are made


@pytest.fixture
def example(tmp_path):
    found = re.search(r"```python[^\n]*\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "orders.py").write_text(found[1])
    return tmp_path


def check(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_passes_mypy(example, environment):
    python = environment("").python
    check(example, sys.executable, "-m", "mypy", "--strict", "--python-executable", python, ".")


def test_it_passes_pyright(example, environment):
    (example / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    python = environment("").python
    check(example, sys.executable, "-m", "pyright", "--pythonpath", python, ".")
