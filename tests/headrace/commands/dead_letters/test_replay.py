"""Dead letters are put back exactly, those that are chosen; an error is one line."""

import pytest

from tests.support.dead_letters import replayed, run


def test_replay_to_another_sink_is_exact(file, tmp_path, capsys):
    target = tmp_path / "out.jsonl"
    assert run("replay", file, "--all", "--to", f"file:{target}") == 0
    assert capsys.readouterr().out == "replayed 2, failed 0, removed 0\n"
    assert replayed(target) == [
        {
            "id": "orders-0@1",
            "key": "k1",
            "headers": [["h", "/w=="], ["h", ""]],
            "value": {"a": 1},
        },
        {"id": "orders-0@2"},
    ]


@pytest.mark.parametrize(
    "chosen", [["orders-0@2"], ["--error-type", "RetryAttemptsExhausted"]], ids=["id", "type"]
)
def test_replay_takes_only_what_is_chosen(file, chosen, tmp_path):
    target = tmp_path / "out.jsonl"
    assert run("replay", file, *chosen, "--to", f"file:{target}") == 0
    assert [line["id"] for line in replayed(target)] == ["orders-0@2"]


def test_a_dry_run_writes_nothing(file, monkeypatch, capsys):
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert run("replay", file, "--all", "--source", "orders", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == [
        "would replay orders-0@1 to kafka:///orders",
        "would replay orders-0@2 to kafka:///orders",
    ]


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_dry_run_promises_no_more_than_a_replay_keeps(more, file, monkeypatch, capsys):
    monkeypatch.delenv("HEADRACE_BOOTSTRAP_SERVERS", raising=False)
    assert run("replay", file, "--all", "--source", "orders", *more) == 1
    out, err = capsys.readouterr()
    assert "would replay" not in out
    (line,) = err.splitlines()  # not one for each letter
    assert line.endswith("there are neither hosts nor HEADRACE_BOOTSTRAP_SERVERS")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["list", "sns://topic"], "cannot be read back"),
        (["list", "stdout:"], "cannot be read back"),
        (["list", "file:/no/such/file"], "no such file"),
        (["list", "carrier-pigeon://nest"], "cannot be read back"),
        (["list", "kafka:///topic"], "HEADRACE_BOOTSTRAP_SERVERS"),
        (["show", "{file}", "orders-0@9"], "no dead letter orders-0@9"),
        (["replay", "{file}"], "--all"),
        (["replay", "{file}", "orders-0@9"], "no dead letter orders-0@9"),
        (["replay", "{file}", "--all", "--to", "pigeon://nest"], "pigeon"),
    ],
)
def test_an_error_is_one_line_that_says_what_is_wrong(
    arguments, complaint, file, capsys, monkeypatch
):
    monkeypatch.delenv("HEADRACE_BOOTSTRAP_SERVERS", raising=False)
    assert run(*(argument.format(file=file) for argument in arguments)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("headrace: ")
    assert complaint in line
