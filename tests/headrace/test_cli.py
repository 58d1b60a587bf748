"""The command line as a whole: what it says of itself, and how it says what is wrong."""

import re

import pytest

import headrace
from headrace.cli import main


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
        (["run", "orders", "--kafak", "h:1"], "--kafak"),
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
