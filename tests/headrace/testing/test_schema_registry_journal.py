"""The journal of the small registry: a kill or a full disk loses nothing acknowledged."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from headrace.errors import HeadraceError
from headrace.testing.brokers.process import free_ports
from headrace.testing.schema_registry.__main__ import main
from headrace.testing.schema_registry.content import Content, Stored


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path):
    journal, port = tmp_path / "schemas.jsonl", free_ports()
    command = [sys.executable, "-m", "headrace.testing.schema_registry", str(port), str(journal)]
    client = SchemaRegistryClient({"url": f"http://127.0.0.1:{port}"})
    for round_ in range(2):
        process = subprocess.Popen(command)
        _wait(port)
        for number in range(3):
            client.register_schema(
                f"s{round_}{number}", Schema('["null", "string", "int"]', "AVRO")
            )
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with journal.open("ab") as file:
            file.write(b'{"subject": "cut')  # what a kill leaves of a line
    content = Content(journal)
    assert content.subjects() == ["s00", "s01", "s02", "s10", "s11", "s12"]
    assert content.register("s00", Stored('"int"')) == (2, 2)
    content.close()
    assert Content(journal).versions("s00") == {1: 1, 2: 2}


def test_a_file_that_is_no_journal_is_one_line(tmp_path, monkeypatch, capsys):
    journal = tmp_path / "schemas.jsonl"
    journal.write_bytes(b"nonsense\n")
    with pytest.raises(HeadraceError, match=r"schemas.jsonl, line 1: "):
        Content(journal)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(0, journal) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "schemas.jsonl, line 1: " in line


def _wait(port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the registry did not start")


def test_a_journal_on_a_full_disk_holds_no_half_line(tmp_path, monkeypatch):
    journal = tmp_path / "journal"
    content, write = Content(journal), os.write
    content.register("a", Stored('"int"'))

    monkeypatch.setattr("os.write", lambda file, line: write(file, line[:20]))
    with pytest.raises(OSError, match="No space left"):
        content.register("b", Stored('"long"'))
    monkeypatch.undo()
    content.register("c", Stored('"string"'))
    content.close()

    assert Content(journal).subjects() == ["a", "c"]
