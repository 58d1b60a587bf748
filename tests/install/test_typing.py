"""The examples of README and typed input pass strict type checkers, against what is installed."""

import re
import subprocess
import sys

import pytest

from tests.support.installed import ROOT

pytestmark = pytest.mark.slow(seconds=3)  # environments are made


WRONG = """
class Wrong(Worker[Order]):
    def process(self, record: Record[Order]) -> str:
        return record.data.id
"""


@pytest.fixture(params=["README.md", "docs/input.md"])
def example(request, tmp_path):
    found = re.search(r"```python[^\n]*\n(.*?)```", (ROOT / request.param).read_text(), re.DOTALL)
    (tmp_path / "orders.py").write_text(found[1])
    return tmp_path


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def check(folder, *command):
    done = run(folder, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (folder / "orders.py").read_text()
    if "Worker[Order]" in text:  # the type of the data is known, not Any
        (folder / "orders.py").write_text(text + WRONG)
        done = run(folder, *command)
        assert done.returncode == 1
        assert re.search(r'"?int"? (is not assignable to|.*expected).*"?str|got "int"', done.stdout)


def test_it_passes_mypy(example, environment):
    python = environment("").python
    check(example, sys.executable, "-m", "mypy", "--strict", "--python-executable", python, ".")


def test_it_passes_pyright(example, environment):
    (example / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    python = environment("").python
    check(example, sys.executable, "-m", "pyright", "--pythonpath", python, ".")


def test_a_name_that_no_face_has_is_an_error_of_types(tmp_path, environment):
    faces = ("headrace", "headrace.images", "headrace.runner", "headrace.store", "headrace.testing")
    wrong = "".join(f"from {face} import Wroker\n" for face in faces)
    (tmp_path / "wrong.py").write_text(wrong)
    python = environment("").python
    done = run(tmp_path, sys.executable, "-m", "mypy", "--python-executable", python, "wrong.py")
    assert done.stdout.count('has no attribute "Wroker"') == len(faces), done.stdout
