"""A replay writes where the operator said, and nowhere that a letter or a URL names."""

import pytest

from headrace.record import KafkaPosition, Record, RequestPosition
from tests.support.dead_letters import fill, run


def test_a_replay_writes_only_where_the_operator_said(file, monkeypatch, capsys):
    """GIVEN no --source and no --to, THEN what could be named is listed, and nothing is done."""
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert run("replay", file, "--all") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "headrace: say where records may be written: --source orders (2), --to URL"

    assert run("replay", file, "--all", "--source", "others") == 1
    found = capsys.readouterr()
    assert found.out == "replayed 0, failed 2, removed 0\n"
    assert "it came from orders, which --source does not name" in found.err


LISTENER = "127.0.0.1:19999"
PLANTED = (
    f"orders?bootstrap.servers={LISTENER}&enable.ssl.certificate.verification=false",
    "orders?plugin.library.paths=/tmp/x.so",
    "orders/../other",
)


@pytest.mark.parametrize("name", PLANTED)
def test_a_letter_does_not_say_where_its_replay_connects(name, tmp_path, capsys):
    url = f"file:{tmp_path}/letters.jsonl"
    fill(url, Record("kafka", KafkaPosition(name, 0, 1), b"x"))

    assert run("replay", url, "--all", "--source", name) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"headrace: --source {name!r} is no name of a topic or a stream"

    assert run("replay", url, "--all", "--source", "orders") == 0
    found = capsys.readouterr()
    assert found.err == f"headrace: in {url} 1 message is no dead letter\n"
    assert found.out == "replayed 0, failed 0, removed 0\n"


@pytest.mark.parametrize(
    "parameter",
    [f"bootstrap.servers={LISTENER}", f"metadata.broker.list={LISTENER}", "plugin.library.paths=x"],
)
@pytest.mark.parametrize("arguments", [("list",), ("replay", "--all", "--source", "orders")])
def test_no_url_holds_what_redirects_a_client_or_loads_code(parameter, arguments, capsys):
    action, *more = arguments
    assert run(action, f"kafka://127.0.0.1:1/dead?{parameter}", *more) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{parameter.partition('=')[0]} cannot be set" in line
    assert LISTENER not in line


def test_a_letter_of_a_request_needs_somewhere_to_go(tmp_path, capsys):
    url = f"file:{tmp_path}/letters.jsonl"
    fill(url, Record("direct", RequestPosition("r1"), b"{}"))
    assert run("replay", url, "--all", "--source", "r1") == 1
    found = capsys.readouterr()
    assert "r1 was not replayed" in found.err
    assert "--to" in found.err
    assert found.out == "replayed 0, failed 1, removed 0\n"
