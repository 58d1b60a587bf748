"""Lines of the log may be written at once; a log that nobody takes is told of once."""

import io
import json
import sys

import pytest

from headrace import log
from headrace.log import logger
from headrace.log_output import lines_at_once


def test_a_log_that_nobody_takes_is_told_of_once(monkeypatch, capsys):
    """Each line became a trace on standard error."""

    class Closed:
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(log._OUTPUT, "_told", False)
    monkeypatch.setattr(sys, "stdout", Closed())
    for _ in range(3):
        logger("orders", "INFO").info("done")

    told = capsys.readouterr().err
    assert told == "headrace: the log cannot be written: [Errno 32] Broken pipe\n"


class Counted(io.StringIO):
    """An output that counts how often what it holds is written."""

    written = 0

    def flush(self):
        super().flush()
        self.written += 1


def test_lines_at_once_are_written_once(monkeypatch):
    output = Counted()
    monkeypatch.setattr(sys, "stdout", output)

    with lines_at_once():
        for number in range(3):
            logger("orders", "INFO").info("done", number=number)
        assert output.written == 0

    assert output.written == 1
    assert [json.loads(line)["number"] for line in output.getvalue().splitlines()] == [0, 1, 2]
    logger("orders", "INFO").info("done")
    assert output.written == 2


def test_lines_before_a_failure_are_written(monkeypatch):
    output = Counted()
    monkeypatch.setattr(sys, "stdout", output)

    def fail():
        with lines_at_once():
            logger("orders", "INFO").info("done")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert output.written == 1


def test_lines_at_once_that_nobody_takes_are_told_of_once(monkeypatch, capsys):
    class Full(io.StringIO):
        def flush(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(log._OUTPUT, "_told", False)
    monkeypatch.setattr(sys, "stdout", Full())
    for _ in range(2):
        with lines_at_once():
            logger("orders", "INFO").info("done")

    told = capsys.readouterr().err
    assert told == "headrace: the log cannot be written: [Errno 28] No space left on device\n"
