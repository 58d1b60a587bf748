"""The two stream consumers log what they read and pass it on."""

import json
from pathlib import Path

import pytest

from headrace import lambda_handler
from workers.kinesis_consumer import KinesisConsumer
from workers.msk_consumer import MskConsumer

EVENTS = Path(__file__).parents[1] / "events"


def handle(worker, name):
    return lambda_handler(worker)(json.loads((EVENTS / f"{name}.json").read_text()))


def messages(capsys):
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if line["message"] == "message"]


def test_the_msk_consumer_logs_each_message(capsys):
    handle(MskConsumer, "msk")
    first, keyless, tombstone, text = messages(capsys)
    assert (first["topic"], first["partition"], first["offset"]) == ("orders", 0, 100)
    assert (first["key"], first["value"]) == ("alice", {"id": 1, "amount": 9.5})
    assert first["lag_ms"] > 0
    assert "key" not in keyless
    assert "value" not in tombstone
    assert text["value"] == "Zürich"


def test_the_kinesis_consumer_logs_each_message(capsys):
    handle(KinesisConsumer, "kinesis")
    first, second = messages(capsys)
    assert (first["stream"], first["shard"]) == ("readings", "shardId-000000000006")
    assert first["sequence_number"].startswith("4959033827149025660855969253836")
    assert (first["key"], first["value"]) == ("1", "Hello, this is a test.")
    assert second["value"] == {"id": 2}


def test_a_sink_makes_a_consumer_a_forwarder(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADRACE_SINK_URL", f"file:{tmp_path}/forwarded.jsonl")
    handle(MskConsumer, "msk")
    assert len((tmp_path / "forwarded.jsonl").read_text().splitlines()) == 4


@pytest.mark.parametrize("worker", [MskConsumer, KinesisConsumer])
@pytest.mark.parametrize("event", [{"id": 2**70}, [1], "text", None])
def test_a_caller_who_waits_gets_the_record_as_json(worker, event):
    answer = lambda_handler(worker)(event)

    assert json.loads(json.dumps(answer)) == answer
    assert (answer["source"], answer["value"]) == ("direct", event)


@pytest.mark.parametrize("worker", [MskConsumer, KinesisConsumer])
def test_over_http_the_record_is_the_body_of_the_answer(worker):
    answer = handle(worker, "function_url")

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["source"] == "http"
