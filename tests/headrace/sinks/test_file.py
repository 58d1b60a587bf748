"""The file sink: appended, synced before it is acknowledged, whole lines whatever crashed."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.sinks import Message, lines, open_sink
from tests.support.sinks import messages


def read(path):
    return [lines.decode(line) for line in path.read_bytes().split(b"\n") if line]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(messages(), max_size=4), max_size=3))
def test_what_is_sent_is_read_back_in_order(batches):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "deep" / "x.jsonl"
        sink = open_sink(f"file:{path}")
        for batch in batches:
            assert sink.send(batch) == [None] * len(batch)
        sink.close()
        assert read(path) == [message for batch in batches for message in batch]


@pytest.mark.parametrize("form", ["file:{}", "file://{}", "file:{}?"])
def test_an_existing_file_is_appended_to(form, tmp_path):
    path = tmp_path / "with space.jsonl"
    for value in (b"1", b"2"):
        url = form.format(str(path).replace(" ", "%20"))
        assert open_sink(url).send([Message(None, value)]) == [None]
    assert [message.value for message in read(path)] == [b"1", b"2"]


def test_a_relative_path_is_relative_to_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_sink("file:var/x.jsonl").send([Message(None, b"1")])
    assert (tmp_path / "var" / "x.jsonl").exists()


def test_a_torn_line_stays_alone(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"value":1}\n{"val')
    sink = open_sink(f"file:{path}")
    sink.send([Message(None, b"2")])
    sink.send([Message(None, b"3")])
    assert path.read_bytes() == b'{"value":1}\n{"val\n{"value":2}\n{"value":3}\n'


def test_a_write_cut_short_is_finished_or_fails_all(tmp_path, monkeypatch):
    """GIVEN a disk that takes five bytes and is full, THEN all fail, and the next line is whole."""
    path = tmp_path / "x.jsonl"
    sink = open_sink(f"file:{path}")
    real = os.write
    answers = [5, OSError(errno.ENOSPC, "No space left on device")]

    def write(file, data):
        answer = answers.pop(0) if answers else len(data)
        if isinstance(answer, OSError):
            raise answer
        return real(file, bytes(data)[:answer])

    monkeypatch.setattr(os, "write", write)
    failures = sink.send([Message(None, b"1"), Message(None, b"2")])
    assert [failure.errno for failure in failures] == [errno.ENOSPC] * 2
    answers += [5]
    assert sink.send([Message(None, b"3")]) == [None]
    assert path.read_bytes() == b'{"val\n{"value":3}\n'


def test_nothing_is_acknowledged_that_is_not_synced(tmp_path, monkeypatch):
    sink = open_sink(f"file:{tmp_path}/x.jsonl")

    def fail(_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    (failure,) = sink.send([Message(None, b"1")])
    assert failure.errno == errno.EIO


def test_a_message_that_has_no_line_fails_alone(tmp_path):
    path = tmp_path / "x.jsonl"
    bad = Message(None, b"1", (("\ud800", b""),))
    failures = open_sink(f"file:{path}").send([bad, Message(None, b"2")])
    assert isinstance(failures[0], ValueError)
    assert failures[1] is None
    assert [message.value for message in read(path)] == [b"2"]


def test_a_file_moved_away_is_made_anew(tmp_path):
    path = tmp_path / "x.jsonl"
    sink = open_sink(f"file:{path}")
    sink.send([Message(None, b"1")])
    path.rename(tmp_path / "old.jsonl")
    sink.send([Message(None, b"2")])
    assert [message.value for message in read(path)] == [b"2"]


def test_threads_and_sinks_may_share_a_file(tmp_path):
    path = tmp_path / "x.jsonl"
    sinks = [open_sink(f"file:{path}") for _ in range(2)]

    def work(number):
        for index in range(20):
            batch = [Message(b"%d" % number, b"%d" % (2 * index + half)) for half in (0, 1)]
            assert sinks[number % 2].send(batch) == [None, None]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        values = [m.value for m in read(path) if m.key == b"%d" % number]
        assert values == [b"%d" % index for index in range(40)]


WRITING = """
import sys
from headrace.sinks import Message, open_sink
sink = open_sink("file:" + sys.argv[1])
for _ in range(60):
    assert sink.send([Message(None, b'"%s"' % (b"x" * 20_000))] * 10) == [None] * 10
"""


def test_processes_may_share_a_file(tmp_path):
    """What another process has written half of is no torn line."""
    path = tmp_path / "x.jsonl"
    command = [sys.executable, "-c", WRITING, str(path)]
    writers = [subprocess.Popen(command) for _ in range(3)]

    assert [writer.wait(60) for writer in writers] == [0] * 3
    assert len(path.read_bytes().splitlines()) == len(read(path)) == 3 * 60 * 10


def test_nobody_else_can_read_a_new_file_and_an_old_one_keeps_its_mode(tmp_path):
    old = tmp_path / "old.jsonl"
    old.touch(0o640)
    for name in ("old.jsonl", "new.jsonl"):
        open_sink(f"file:{tmp_path}/{name}").close()

    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("old.jsonl", "new.jsonl")]
    assert modes == [0o640, 0o600]


def test_a_device_keeps_nothing_and_takes_all():
    sink = open_sink("file:/dev/null")
    assert sink.send([Message(None, b"1"), Message(None, b"2")]) == [None, None]


def test_a_pipe_takes_lines(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert open_sink(f"file:{tmp_path}/pipe").send([Message(None, b"1")]) == [None]
    assert os.read(reader, 100).endswith(b"1}\n")
    os.close(reader)
