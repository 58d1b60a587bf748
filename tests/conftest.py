"""Fixtures that several folders share: a real Kafka, stand-ins for AWS; no test sees the caller's
configuration."""

import pytest

from workers.worker import WorkerSettings

pytest_plugins = ["tests.support.kafka", "tests.support.kinesis"]


@pytest.fixture(autouse=True)
def _no_configuration_from_outside(monkeypatch):
    for field in WorkerSettings.__struct_fields__:
        monkeypatch.delenv(field.upper(), raising=False)
