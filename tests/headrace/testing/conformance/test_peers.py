"""Mappings behind the API of AWS are held against the requirements through it; here moto's."""

import json
import urllib.request

import pytest

from headrace.testing.conformance import requirements
from headrace.testing.conformance.adapter import verdict
from headrace.testing.conformance.peers.callback import CallbackServer
from headrace.testing.conformance.peers.moto import Moto

KNOWN = {given.id: given for given in requirements()}


@pytest.fixture
def moto(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    adapter = Moto()
    yield adapter
    adapter.close()


def judged(adapter, name: str):
    return verdict(adapter, KNOWN[name])


@pytest.mark.parametrize(
    "name",
    [
        "kinesis-batch-of-one",
        "dynamodb-batch-of-one",
        "sqs-done-is-deleted",
        "fifo-done-is-deleted",
    ],
)
def test_what_moto_does_is_seen(moto, name):
    assert judged(moto, name).differences == ()


def test_what_moto_does_not_do_is_seen(moto):
    assert (
        "a was delivered 1 times, not 13" in judged(moto, "kinesis-retries-without-end").differences
    )


def test_what_moto_takes_although_aws_refuses_it_is_seen(moto):
    assert judged(moto, "kinesis-limit-retries-10001").differences == ("it was not refused",)


@pytest.mark.parametrize(
    "name", ["kafka-order", "kinesis-age", "kinesis-throttles-do-not-count", "kinesis-checkpoint"]
)
def test_what_cannot_be_asked_of_it_is_told(moto, name):
    assert judged(moto, name).unsupported


def test_a_deployed_function_calls_back_here():
    def fail(event):
        raise ValueError("not today")

    with CallbackServer() as server:
        server.serve("good", lambda event: {"got": event["n"]})
        server.serve("bad", fail)
        told = [_call(server, name) for name in ("good", "bad")]
    assert told == [{"value": {"got": 1}}, {"error": "ValueError: not today"}]


def _call(server: CallbackServer, name: str):
    request = urllib.request.Request(server.url + name, json.dumps({"n": 1}).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
