"""Functions elsewhere, served behind the runtime interface and as AWS Lambda."""

import pytest

from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings
from tests.support.function.lambda_api import NAME, Emulator, Service


@pytest.fixture(params=[Emulator, Service])
def serve(request, monkeypatch):
    """Serves a function one of both ways, and opens an invoker of it."""
    opened = []

    def start(function, **settings):
        api = request.param(function)
        api.__enter__()
        opened.append(api.__exit__)
        where = api.url
        if isinstance(api, Service):
            where = NAME
            for name, value in api.environment().items():
                monkeypatch.setenv(name, value)
        chosen = MappingSettings(function=where, **settings)
        invoke = open_invoker(None, lambda records: kafka_event(records, "h:1"), chosen)
        opened.append(invoke.close)
        return api, invoke

    yield start
    for end in reversed(opened):
        end()


@pytest.fixture
def service(monkeypatch):
    with Service(lambda event, context: None) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        yield api
