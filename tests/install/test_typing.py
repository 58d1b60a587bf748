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
PAGES = ["README.md", "docs/input.md"]


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """A folder with the example of each page, and with what is wrong; by page, the names of both.

    One run of a checker takes them all: most of its time goes into the library.
    """
    folder, names = tmp_path_factory.mktemp("examples"), {}
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    for number, page in enumerate(PAGES):
        found = re.search(r"```python[^\n]*\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
        names[page] = f"orders{number}.py", f"wrong{number}.py"
        (folder / f"orders{number}.py").write_text(found[1])
        if "Worker[Order]" in found[1]:  # the type of the data is known, not Any
            (folder / f"wrong{number}.py").write_text(found[1] + WRONG)
    return folder, names


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def mypy(examples, environment):
    python = environment("").python
    command = (sys.executable, "-m", "mypy", "--strict", "--python-executable", python, ".")
    return run(examples[0], *command)


@pytest.fixture(scope="module")
def pyright(examples, environment):
    python = environment("").python
    return run(examples[0], sys.executable, "-m", "pyright", "--pythonpath", python, ".")


def check(done, examples, page):
    """A checker has found fault with what is wrong, and with nothing else."""
    folder, names = examples
    right, wrong = names[page]
    assert done.returncode == 1, done.stdout + done.stderr
    faults = [line for line in done.stdout.splitlines() if re.search(r"\b(error|warning)\b:", line)]
    assert not [line for line in faults if "wrong" not in line], done.stdout
    assert right not in done.stdout
    if (folder / wrong).exists():
        (fault,) = (line for line in faults if wrong in line)
        assert re.search(r'"?int"? (is not assignable to|.*expected).*"?str|got "int"', fault)


@pytest.mark.parametrize("page", PAGES)
def test_it_passes_mypy(mypy, examples, page):
    check(mypy, examples, page)


@pytest.mark.parametrize("page", PAGES)
def test_it_passes_pyright(pyright, examples, page):
    check(pyright, examples, page)


def test_a_name_that_no_face_has_is_an_error_of_types(tmp_path, environment):
    faces = ("headrace", "headrace.images", "headrace.runner", "headrace.store", "headrace.testing")
    wrong = "".join(f"from {face} import Wroker\n" for face in faces)
    (tmp_path / "wrong.py").write_text(wrong)
    python = environment("").python
    done = run(tmp_path, sys.executable, "-m", "mypy", "--python-executable", python, "wrong.py")
    assert done.stdout.count('has no attribute "Wroker"') == len(faces), done.stdout
