"""The function of a requirement, reached in each way that the runner knows."""

from collections.abc import Iterator
from contextlib import contextmanager

from headrace.testing.conformance.function import ScriptedFunction
from headrace.testing.conformance.memory.adapter import Served
from tests.support.function.lambda_api import NAME, Emulator, LambdaApi, Service
from tests.support.function.relay import relay


@contextmanager
def behind_the_runtime_interface(function: ScriptedFunction) -> Iterator[Served]:
    with _api(Emulator, function) as api:
        yield Served(None, api.url)


def in_aws_lambda(monkeypatch):
    """Returns the way to a function that an endpoint for AWS Lambda serves."""

    @contextmanager
    def serve(function: ScriptedFunction) -> Iterator[Served]:
        with _api(Service, function) as api:
            for name, value in api.environment().items():
                monkeypatch.setenv(name, value)
            yield Served(None, NAME)

    return serve


@contextmanager
def in_a_child(function: ScriptedFunction) -> Iterator[Served]:
    with relay(function) as stand_in:
        yield Served(stand_in, None)


@contextmanager
def _api(kind: type[LambdaApi], function: ScriptedFunction) -> Iterator[LambdaApi]:
    with kind(function) as api:
        api.throttles = function.take_throttles()
        yield api
