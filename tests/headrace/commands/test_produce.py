"""`headrace produce`: rows onto a sink, each acknowledged, and one line for what is wrong."""

import io
import json
import sys

import pytest

from headrace.cli import main
from headrace.sinks import lines
from headrace.testing.mock_cluster import embedded_kafka

ROWS = """
def rows():
    yield from ({"id": 1, "größe": 2}, b"raw", "text")

def numbers():
    return [{"id": number} for number in range(1200)]

def none(): return []
def one(): return 1
def strange(): return [object()]
def half(): return ["\\ud800"]
"""


@pytest.fixture
def here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "samples.py").write_text(ROWS)
    yield tmp_path
    sys.modules.pop("samples", None)


def produced(path):
    return [lines.decode(line) for line in path.read_bytes().splitlines()]


def test_it_writes_the_rows_of_a_callable(here, capsys):
    assert main(["produce", "--to", "file:out.jsonl", "--rows", "samples:rows"]) == 0
    assert [(message.key, message.value) for message in produced(here / "out.jsonl")] == [
        (b"1", '{"id":1,"größe":2}'.encode()),
        (None, b"raw"),
        (None, b"text"),
    ]
    assert capsys.readouterr().out == "produced 3 messages to file:out.jsonl\n"


def test_it_writes_rows_of_the_tumour_data(tmp_path):
    target = tmp_path / "out.jsonl"
    rows = ["--rows", "training.tumor.data:messages", "--count", "3"]
    assert main(["produce", "--to", f"file:{target}", *rows]) == 0
    messages = produced(target)
    assert [message.key for message in messages] == [b"0", b"1", b"2"]
    assert len(json.loads(messages[0].value)) == 31


def test_it_repeats_a_short_file_and_sends_bad_lines_as_they_are(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'{"user": 7}\n\nnot json\r\n')
    arguments = ["--file", str(source), "--key-field", "user", "--count", "3"]
    assert main(["produce", "--to", f"file:{target}", *arguments]) == 0
    assert [(message.key, message.value) for message in produced(target)] == [
        (b"7", b'{"user": 7}'),
        (None, b"not json"),
        (b"7", b'{"user": 7}'),
    ]


def test_half_a_surrogate_pair_in_a_key_is_written_as_json(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'{"id": "\\ud800"}\n')
    assert main(["produce", "--to", f"file:{target}", "--file", str(source)]) == 0
    (message,) = produced(target)
    assert (message.key, message.value) == (b'"\\ud800"', b'{"id": "\\ud800"}')


def test_a_byte_order_mark_is_of_the_file_and_a_number_that_is_none_is_no_key(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'\xef\xbb\xbf{"id": 1}\n{"id": 1e999}\n')
    assert main(["produce", "--to", f"file:{target}", "--file", str(source)]) == 0
    assert [(message.key, message.value) for message in produced(target)] == [
        (b"1", b'{"id": 1}'),
        (None, b'{"id": 1e999}'),
    ]


def test_it_reads_standard_input(here, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"id": 1}\n{"id": 2}')))
    assert main(["produce", "--to", "file:out.jsonl", "--file", "-"]) == 0
    assert [message.key for message in produced(here / "out.jsonl")] == [b"1", b"2"]


@pytest.mark.parametrize(("flags", "count"), [((), 1200), (("--count", "1300"), 1300)])
def test_it_writes_each_row_once_or_as_many_as_asked_for(here, flags, count):
    command = ["produce", "--to", "file:out.jsonl", "--rows", "samples:numbers", *flags]
    assert main(command) == 0
    assert len(produced(here / "out.jsonl")) == count


def test_it_shows_no_parameter_of_the_sinks_url(here, capsys):
    """A parameter may be a password."""
    with embedded_kafka({"t": 1}) as bootstrap:
        to = f"kafka://{bootstrap}/t"
        assert main(["produce", "--to", f"{to}?client.id=secret", "--rows", "samples:rows"]) == 0
    assert capsys.readouterr().out == f"produced 3 messages to {to}\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--to", "carrier-pigeon://nest", "--rows", "samples:rows"], "carrier-pigeon"),
        (["--to", "file:out", "--file", "/no/such/file"], "/no/such/file"),
        (["--to", "file:out", "--file", "/dev/null"], "/dev/null holds no messages"),
        (["--to", "file:out", "--rows", "samples:none"], "samples:none holds no messages"),
        (["--to", "file:out", "--rows", "samples:nothing"], "samples has no 'nothing'"),
        (["--to", "file:out", "--rows", "samples:one"], "gave no messages, but int"),
        (["--to", "file:out", "--rows", "samples:strange"], "no JSON value"),
        (["--to", "file:out", "--rows", "samples:half"], "half gave a text with half a surrogate"),
        (
            ["--to", "kafka://127.0.0.1:1/t?delivery.timeout.ms=300", "--rows", "samples:rows"],
            "3 of 3 messages were not written, after 0 that were",
        ),
    ],
)
def test_an_error_is_one_line_that_names_what_is_wrong(here, arguments, complaint, capsys):
    assert main(["produce", *arguments]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("headrace: ")
    assert complaint in line
