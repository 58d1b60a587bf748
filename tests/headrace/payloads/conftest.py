import pytest

from headrace.testing.schema_registry.server import running_registry
from tests.support.payloads.messages import ORDER, Producer


@pytest.fixture
def registry():
    with running_registry() as server:
        yield server


@pytest.fixture
def producer(registry):
    return Producer(registry.url)


@pytest.fixture
def told(registry):
    return {"value_frame": "confluent", "schema_registry_url": registry.url}


@pytest.fixture
def order(producer):
    return producer.record("AVRO", "v0", ORDER)
