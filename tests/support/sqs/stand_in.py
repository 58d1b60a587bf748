"""ElasticMQ for tests: one server for all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from headrace.testing.brokers.elasticmq import ElasticMq
from headrace.testing.brokers.jars import QUICK_JVM
from headrace.testing.brokers.process import ToolsMissingError
from tests.support.shared import shared


@pytest.fixture(scope="session")
def elasticmq(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of the test run's server."""
    server = _address(tmp_path_factory.mktemp("elasticmq"))
    with ExitStack() as stack:
        try:
            address = stack.enter_context(shared(request, "elasticmq", server))
        except ToolsMissingError as missing:
            pytest.skip(str(missing))
        yield address


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    with ElasticMq(folder, jvm=QUICK_JVM) as server:
        yield server.endpoint


@pytest.fixture
def elastic_client(elasticmq: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of it; a run that the test starts uses it, too."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", elasticmq)
    client = boto3.client("sqs")
    yield client
    client.close()
