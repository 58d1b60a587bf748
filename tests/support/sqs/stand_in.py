"""ElasticMQ for tests: one server a session."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from headrace.testing.brokers.elasticmq import ElasticMq
from headrace.testing.brokers.jars import QUICK_JVM
from headrace.testing.brokers.process import ToolsMissingError


@pytest.fixture(scope="session")
def elasticmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElasticMq]:
    """The session's server."""
    server = ElasticMq(tmp_path_factory.mktemp("elasticmq"), jvm=QUICK_JVM)
    try:
        server.start()
    except ToolsMissingError as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture
def elastic_client(elasticmq: ElasticMq, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of it; a run that the test starts uses it, too."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", elasticmq.endpoint)
    client = boto3.client("sqs")
    yield client
    client.close()
