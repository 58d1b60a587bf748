import pytest

from headrace.testing.schema_registry.server import running_registry
from tests.support.payloads.messages import Producer


@pytest.fixture
def registry():
    with running_registry() as server:
        yield server


@pytest.fixture
def producer(registry):
    return Producer(registry.url)
