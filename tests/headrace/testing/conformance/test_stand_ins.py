"""On a real Kafka and on a stand-in for AWS, the runner does what it does on sources in memory."""

import pytest

from headrace.testing.conformance import requirements
from headrace.testing.conformance.adapter import verdict
from tests.support.on_stand_ins import OnStandIns

KNOWN = {given.id: given for given in requirements()}
OF_STREAMS = ["batch-size", "bisect-again", "partial-attempts"]


def check(adapter, name):
    assert verdict(adapter, KNOWN[name]).differences == ()


@pytest.mark.parametrize("name", [*OF_STREAMS, "filter"])
def test_on_a_real_kafka(name, kafka, topic, tmp_path):
    check(OnStandIns(tmp_path, kafka.bootstrap, topic), f"kafka-{name}")


@pytest.mark.parametrize(
    "name",
    [
        *[f"kinesis-{name}" for name in OF_STREAMS],
        *[f"dynamodb-{name}" for name in OF_STREAMS],
        *["sqs-partial", "sqs-filter", "fifo-group-order", "fifo-group-waits"],
    ],
)
def test_on_moto(name, moto_server, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    check(OnStandIns(tmp_path, moto_server), name)
