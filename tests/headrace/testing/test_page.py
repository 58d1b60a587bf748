"""The page on testing: its files are tests that pass, and its commands print what it shows."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "testing.md").read_text()
FILES = dict(re.findall(r'^```python title="([^"]+)"\n(.*?)^```', PAGE, re.S | re.M))
COMMANDS = re.findall(r"^\$ pytest (.*)\n((?:[^$`].*\n)+)", PAGE, re.M)


@pytest.mark.slow(seconds=3)
@pytest.mark.parametrize(("arguments", "shown"), COMMANDS)
def test_a_command_of_the_page_prints_what_it_shows(arguments, shown, tmp_path, request):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    if "9092" in arguments:
        address = request.getfixturevalue("kafka").bootstrap
        arguments = arguments.replace("127.0.0.1:9092", address)
    plugin = ["-p", "headrace.testing.fixtures"]  # which an installation declares
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("PYTEST", "HEADRACE"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *shlex.split(arguments)],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    expected = re.escape(shown).replace("…", r"[\d.]+s")
    assert re.fullmatch(expected, done.stdout), done.stdout


def test_each_file_of_tests_is_run():
    tests = {name for name in FILES if name.startswith("test_")}
    assert tests == {shlex.split(arguments)[1] for arguments, _ in COMMANDS}
