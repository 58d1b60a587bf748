"""Standard output gets one flushed line for each message."""

import io
import sys

import pytest

from headrace.errors import SettingsError
from headrace.sinks import Message, lines, open_sink


def test_messages_are_lines(capsys):
    sent = [Message(b"\xff", b'{"a": 1}'), Message(None, None), Message(b"k", "é".encode())]
    sink = open_sink("stdout:")
    assert sink.send(sent) == [None] * 3
    sink.close()
    shown = capsys.readouterr().out
    assert [lines.decode(line.encode()) for line in shown.splitlines()] == sent


def test_a_closed_pipe_is_the_reason_of_each_message(monkeypatch):
    class Closed(io.StringIO):
        def flush(self):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    failures = open_sink("stdout:").send([Message(None, b"1"), Message(None, b"2")])
    assert [type(failure) for failure in failures] == [BrokenPipeError] * 2


def test_a_closed_output_takes_no_results(monkeypatch):
    """GIVEN the null device in its place, THEN nothing is acknowledged that it would swallow."""
    monkeypatch.setattr(sys, "__stdout__", None)
    with pytest.raises(SettingsError, match="standard output is closed"):
        open_sink("stdout:")
