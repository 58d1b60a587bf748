"""The command line as a whole: what it says of itself, and how it says what is wrong."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import headrace
from headrace import Record, Reject
from headrace.cli import main
from headrace.dead_letters import letter as dead_letter
from headrace.record import KafkaPosition
from headrace.sinks import open_sink


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"headrace {headrace.__version__}\n"


def test_the_help_says_what_headrace_is_for(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert "brings streams to your code and your models" in said
    for command in (
        "run",
        "serve",
        "invoke",
        "describe",
        "produce",
        "models",
        "dead-letters",
        "kafka",
    ):
        assert re.search(rf"^    {command}\s+[A-Z]", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["run", "orders", "--kafak", "h:1"], "--kafak h:1; see headrace run --help"),
        (["kafka", "start", "9092"], "9092; see headrace kafka start --help"),
        (["invoke", "orders"], "--event --url --file"),
        (["invoke", "orders", "--event", "a.json", "--url", "https://h/"], "not allowed with"),
        (["produce", "--to", "stdout:"], "--file --rows"),
        (["produce", "--to", "stdout:", "--file", "f", "--count", "-1"], "--count: -1"),
        (["produce", "--to", "stdout:", "--file", "f", "--count", "many"], "--count: many"),
        (["kafka", "start", "--port", "65535"], "--port: 65535"),
        (["kafka", "start", "--port", "http"], "--port: http"),
        (["models", "show"], "model"),
    ],
)
def test_a_mistake_in_a_command_line_is_one_line(arguments, complaint, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("headrace")
    assert complaint in line
    assert line.endswith("--help")


def in_shell(arguments, folder, *, before=""):
    """Run a command with the streams as a shell gives them, after others."""
    return subprocess.run(
        f"{before}{sys.executable} -m headrace {arguments}",
        shell=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(headrace.__file__).parents[1])},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_nothing_that_is_opened_takes_the_place_of_a_closed_stream(closed, tmp_path):
    """A library written in C says what it has to say to descriptor 2, whatever that is."""
    (tmp_path / "odd.py").write_text(
        "import os\n"
        "def rows():\n"
        "    os.write(1, b'to standard output')\n"
        "    os.write(2, b'to standard error')\n"
        "    return [{'id': 1}]\n"
    )
    done = in_shell(f"produce --to file:out.jsonl --rows odd:rows {closed}", tmp_path)

    assert done.returncode == 0
    assert (tmp_path / "out.jsonl").read_text() == '{"key":"1","value":{"id":1}}\n'


def test_standard_input_that_is_closed_holds_nothing(tmp_path):
    done = in_shell("produce --to file:out.jsonl --file - <&-", tmp_path)

    assert (done.returncode, done.stderr) == (1, "headrace: standard input holds no messages\n")


@pytest.mark.parametrize("command", ["models list", "dead-letters list file:none.jsonl"])
def test_every_command_tells_of_a_variable_that_is_nearly_a_setting(command, monkeypatch, capsys):
    """A publisher would sign nothing without a word."""
    monkeypatch.setenv("HEADRACE_MODEL_SIGN_KEY", "key.pem")
    main(command.split())
    told = "headrace: HEADRACE_MODEL_SIGN_KEY is no setting; HEADRACE_MODEL_SIGNING_KEY is"
    assert capsys.readouterr().err.splitlines()[0] == told


@pytest.mark.parametrize(
    "command",
    [
        "produce --to kafka://127.0.0.1:1/orders --file rows.jsonl",
        "dead-letters list kafka://127.0.0.1:1/orders",
    ],
)
def test_ctrl_c_ends_a_command_that_waits_for_a_broker(command, tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"id": 1}\n')
    running = subprocess.Popen(
        [sys.executable, "-m", "headrace", *command.split()],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(headrace.__file__).parents[1])},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    time.sleep(2)  # it waits for the broker by then, for half a minute
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=10)

    assert (running.returncode, said) == (130, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
def test_what_is_written_is_utf_8_in_every_locale(encoding, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    (tmp_path / "snow.py").write_text(
        "from headrace import Worker, lambda_handler\n"
        "class Snow(Worker):\n"
        "    def process(self, record):\n"
        "        self.log.info('\u2603')\n"
        "        return '\u2603'\n"
        "handler = lambda_handler(Snow)\n",
        encoding="utf-8",
    )
    (tmp_path / "event.json").write_text("{}")
    done = in_shell("invoke snow --event event.json", tmp_path)

    assert done.stdout == '"\u2603"\n'
    assert json.loads(done.stderr)["message"] == "\u2603"


def test_a_working_directory_that_is_gone_is_one_line(tmp_path):
    done = in_shell("kafka status", tmp_path, before="mkdir gone; cd gone; rmdir ../gone; ")

    assert done.returncode == 1
    assert done.stderr == "headrace: the working directory is not there any longer\n"


@pytest.mark.parametrize(
    ("reader", "said"),
    [("| true", ""), ("> /dev/full", "headrace: OSError: [Errno 28] No space left on device\n")],
)
@pytest.mark.parametrize("count", [1, 10_000])
def test_output_that_nobody_takes(reader, said, count, tmp_path, monkeypatch):
    """Who stops to read, as `head` does, need not be told; of a full disk, one line tells."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    record = Record("kafka", KafkaPosition("orders", 0, 7), b"1")
    sink = open_sink(f"file:{tmp_path}/letters.jsonl")
    sink.send([dead_letter.encode(record, Reject("no"))] * count)
    done = in_shell(f"dead-letters list file:letters.jsonl {reader}", tmp_path)

    assert done.stderr == said


def test_unbuffered_output_that_nobody_takes(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    (tmp_path / "letters.jsonl").write_text("")

    assert in_shell("dead-letters list file:letters.jsonl | true", tmp_path).stderr == ""


def test_the_region_may_stand_in_the_variable_of_other_tools(tmp_path, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    (tmp_path / "rows.jsonl").write_text("{}")
    command = "produce --to 'sqs://orders?endpoint=http://127.0.0.1:1&timeout=1' --file rows.jsonl"
    assert "AWS_REGION does" in in_shell(command, tmp_path).stderr

    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert "region" not in in_shell(command, tmp_path).stderr
