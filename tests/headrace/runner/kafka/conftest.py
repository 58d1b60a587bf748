"""Runs of the runner on a real Kafka, and a Kafka that asks who is there."""

from collections.abc import Callable, Iterator

import pytest

from headrace.testing.brokers.jars import check_tools
from headrace.testing.brokers.process import ToolsMissingError
from tests.support.kafka.runs import Run
from tests.support.kafka.secure import SecureKafka


@pytest.fixture
def runs(kafka) -> Iterator[Callable[..., Run]]:
    """Starts runs on the broker of all tests; none outlives its test."""
    started: list[Run] = []

    def start(topic: str, **settings) -> Run:
        started.append(Run(kafka.bootstrap, topic, **settings))
        return started[-1]

    yield start
    for run in started:
        run.stop.request()
    for run in started:
        run.end()


@pytest.fixture(scope="module")
def secure_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A broker that asks who is there."""
    try:
        check_tools()
    except ToolsMissingError as missing:
        pytest.skip(f"no real Apache Kafka here: {missing}")
    made = SecureKafka(tmp_path_factory.mktemp("secure-kafka"))
    with made.broker:
        made.add_user()
        yield made
