"""Fixtures that several folders share: a real Kafka, stand-ins for AWS; no test sees the caller's
configuration."""

import hypothesis
import pytest

from headrace.settings import variable
from headrace.worker import WorkerSettings

pytest_plugins = ["tests.support.kafka.broker", "tests.support.kinesis.stand_ins"]

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_configuration_from_outside(monkeypatch):
    for field in WorkerSettings.__struct_fields__:
        monkeypatch.delenv(variable(field), raising=False)
