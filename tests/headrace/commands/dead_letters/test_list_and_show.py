"""What could not be processed is listed and shown, and nothing in a letter harms who looks."""

import json
from pathlib import Path

import msgspec
import pytest

from headrace.dead_letters import letter as dead_letter
from headrace.errors import Reject
from headrace.sinks import open_sink
from tests.support.dead_letters import REJECTED, run
from tests.support.runner import kafka_record

LETTER = dead_letter.DeadLetter(
    source="kafka",
    id="orders-0@1",
    position=REJECTED.position,
    key=None,
    value=b"1",
    headers=(),
    timestamp=None,
    error_type="Reject",
    error="not a number",
    rejected_at=1_700_000_000_000,
)


def test_list_is_a_line_for_each_letter_of_either_form(file, capsys):
    assert run("list", file) == 0
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split() == ["ID", "ERROR", "TYPE", "AGE", "ERROR"]
    assert first.split(maxsplit=3)[::3] == ["orders-0@1", "not a number"]
    assert second.split(maxsplit=3)[:2] == ["orders-0@2", "RetryAttemptsExhausted"]
    assert second.endswith("ValueError: poison")


@pytest.mark.parametrize("time", [10**400, -(10**400)])
def test_a_letter_that_somebody_made_up_hides_no_other(time, tmp_path, capsys):
    made_up = msgspec.structs.replace(LETTER, rejected_at=time, id="x" * 5_000)
    path = tmp_path / "letters.jsonl"
    path.write_bytes(
        b"".join(b'{"value":%s}\n' % msgspec.json.encode(one) for one in (made_up, LETTER))
    )
    assert run("list", f"file:{path}") == 0
    _, _, line = capsys.readouterr().out.splitlines()
    assert line.split()[0] == "orders-0@1"
    assert len(line) < 300


def test_list_may_ask_for_a_type_of_error(file, capsys):
    assert run("list", file, "--error-type", "Reject") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("command", ["list", "replay"])
def test_a_misspelt_type_of_error_is_told(command, file, tmp_path, capsys):
    more = ("--to", f"file:{tmp_path}/out") if command == "replay" else ()
    assert run(command, file, "--error-type", "reject", *more) == 1
    assert capsys.readouterr().err == (
        "headrace: no dead letter with the error type 'reject', but Reject (1),"
        " RetryAttemptsExhausted (1)\n"
    )


def test_show_gives_everything_decoded(file, capsys):
    assert run("show", file, "orders-0@1") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("rejected_at") > 1_700_000_000_000
    assert shown == {
        "id": "orders-0@1",
        "source": "kafka",
        "position": {"type": "kafka", "topic": "orders", "partition": 0, "offset": 1},
        "error_type": "Reject",
        "error": "not a number",
        "errors": [{"pointer": "/a"}],
        "timestamp": 5,
        "key": "k1",
        "headers": [["h", "\\xff"], ["h", ""]],
        "value": {"a": 1},
    }


@pytest.mark.parametrize("command", ["list", "show", "replay"])
def test_control_characters_of_a_letter_do_not_reach_the_terminal(command, tmp_path, capsys):
    url = f"file:{tmp_path}/letters.jsonl"
    sink = open_sink(url)
    record = kafka_record(1, b"\x1b[2J", timestamp=5)
    dead_letter.write(sink, record, Reject("\x1b]0;title\x07 \x9b2J"))
    sink.close()
    more = {
        "list": (),
        "show": ("orders-0@1",),
        "replay": ("--all", "--dry-run", "--to", f"file:{tmp_path}/out"),
    }[command]
    assert run(command, url, *more) == 0
    out, err = capsys.readouterr()
    assert (out + err).replace("\n", "").isprintable()


@pytest.mark.parametrize("more", [("list",), ("replay", "--all", "--dry-run")])
def test_values_in_the_query_of_a_url_are_not_shown(more, file, tmp_path, capsys):
    letters = Path(file.removeprefix("file:"))
    letters.write_bytes(letters.read_bytes() + b"not a letter\n")
    action, *flags = more
    to = ("--to", "kafka://h:1/t?sasl.password=secret") if action == "replay" else ()
    run(action, f"{file}?fsync=false", *flags, *to)
    out, err = capsys.readouterr()
    assert "fsync=***" in out + err or "sasl.password=***" in out + err
    assert "secret" not in out + err


def test_what_is_no_dead_letter_is_counted_and_passed_over(file, capsys):
    with Path(file.removeprefix("file:")).open("a") as out:
        out.write('{"id": "x", "value": {"other": true}}\n{"torn')
    assert run("list", file) == 0
    found = capsys.readouterr()
    assert len(found.out.splitlines()) == 3
    assert "2 messages are no dead letters" in found.err
