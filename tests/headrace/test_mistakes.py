"""Ordinary mistakes at the command line: one line on standard error, exit code 1 or 2, no trace."""

import gc
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from headrace.cli import main
from tests.support.mistakes.others import OF_OTHERS
from tests.support.mistakes.produce import OF_PRODUCE
from tests.support.mistakes.run import KAFKA, OF_RUN
from tests.support.mistakes.serve_and_invoke import OF_SERVE_AND_INVOKE

WORKER = """
from headrace import Worker, lambda_handler

class Orders(Worker):
    def process(self, record):
        return {"ok": True}

handler = lambda_handler(Orders)
"""
FILES = {
    "orders.py": WORKER,
    "shop/billing.py": WORKER,
    "syntax.py": "def handler(event, context)\n    return 1\n",
    "binary.py": "\0",
    "missing_import.py": "import nosuchpackage\n",
    "raises.py": "THE_NUMBER = 1 / 0\n",
    "no_handler.py": "X = 1\n",
    "plain.py": "def handler(event, context):\n    return {1, 2}\n",
    "number.py": "handler = 5\n",
    "setup_fails.py": WORKER.replace(
        "    def process",
        "    def setup(self):\n        raise OSError('no disk')\n\n    def process",
    ),
    "setup_raises.py": WORKER.replace(
        "    def process", "    def setup(self):\n        self.rates = {}['EUR']\n\n    def process"
    ),
    "exits.py": "import sys\nsys.exit(0)\n",
    "setup_exits.py": WORKER.replace(
        "    def process", "    def setup(self):\n        raise SystemExit\n\n    def process"
    ),
    "process_exits.py": WORKER.replace('return {"ok": True}', "raise SystemExit(0)"),
    "unspeakable.py": "class Odd(Exception):\n    def __str__(self): raise SystemExit\n"
    + WORKER.replace('return {"ok": True}', "raise Odd"),
    "raising.py": WORKER.replace('return {"ok": True}', "raise KeyError(record.json()['id'])"),
    "answers_a_set.py": WORKER.replace('{"ok": True}', "{1, 2}"),
    "rows.py": "import sys\nnone, number, text, ended = list, int, sys.getdefaultencoding, exit\n"
    "\ndef sets():\n    return [{1}]\n\nasync def later():\n    return []\n",
    "event.json": '{"id": 1}',
    "list.json": "[1]",
    "broken.json": '{"id": ',
    "empty.jsonl": "",
    "rows.jsonl": '{"id": 1}\n',
    "letters.jsonl": "not a letter\n",
    "template.yaml": "Resources: {A: {Type: AWS::Serverless::Function}}\n",
    "empty.yaml": "",
    "broken.yaml": "a: [",
    "picture.png": "no picture",
}
ROOT = Path(__file__).parents[2]
MISTAKES = [*OF_RUN, *OF_SERVE_AND_INVOKE, *OF_PRODUCE, *OF_OTHERS]


@pytest.fixture
def project(tmp_path, monkeypatch, own_environment):
    """A user's folder, in which the test works; returns a port that somebody else has."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "linked").symlink_to("nowhere")
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADRACE_", "AWS_"))]:
        del os.environ[name]
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        yield busy.getsockname()[1]
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {file.partition(".")[0] for file in FILES} | {"shop"}:
            del sys.modules[name]


def headrace(line):
    """Run a command line, which may begin with variables; returns its exit code."""
    while (variable := re.match(r"(HEADRACE_\w+)=(\S+) ", line)) is not None:
        os.environ[variable[1]] = variable[2]
        line = line[variable.end() :]
    if line.startswith("serve "):  # a server that fails at its start is no thread of this process
        command = [sys.executable, "-m", "headrace", *line.split()]
        environ = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(command, env=environ, check=False).returncode
    try:
        return main(line.split())
    except SystemExit as ended:
        return ended.code


@pytest.fixture
def no_collector():
    """What is in a cycle stays there, as in a process that has better things to do."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "line",
    [
        f"run setup_raises {KAFKA}",
        f"run orders {KAFKA} --sink-url nowhere:",
        f"run orders {KAFKA} --http-port {{busy}}",
    ],
)
def test_a_start_that_fails_leaves_no_client(line, project, capfd, no_collector):
    threads = psutil.Process().num_threads()

    assert headrace(line.replace("{busy}", str(project))) in {1, 2}

    assert psutil.Process().num_threads() == threads


@pytest.mark.parametrize(("line", "complaint"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_mistake_is_one_line(line, complaint, project, capfd):
    code = headrace(line.replace("{busy}", str(project)))
    out, err = capfd.readouterr()
    assert code in {1, 2}
    (told,) = err.splitlines()
    assert told.startswith("headrace")
    assert complaint.replace("{busy}", str(project)) in told
    assert not any(line.startswith("Traceback") for line in out.splitlines())


@pytest.mark.parametrize(
    "line",
    [
        "fly",
        "run billing --kafka 127.0.0.1:1 --topic orders",
        "invoke setup_raises --event event.json",
        "serve orders --port {busy}",
        "produce --to kafka://127.0.0.1:1/t?delivery.timeout.ms=1000 --file rows.jsonl",
    ],
)
def test_the_command_itself_says_no_more(line, project):
    arguments = line.replace("{busy}", str(project)).split()
    done = subprocess.run(
        [sys.executable, "-m", "headrace", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in {1, 2}
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_the_table_is_long_enough():
    assert len(MISTAKES) >= 60
