"""Moto's mappings, in this process: a container for its functions would need Docker.

Moto has no poller: it invokes when something is written, so that comes after the mapping.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from threading import Lock
from typing import Any
from unittest import mock

import boto3

from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.peers.aws import AwsAdapter
from headrace.testing.conformance.requirement import Requirement

_INVOKE = "moto.awslambda.models.LambdaFunction.invoke"


class Moto(AwsAdapter):
    """Moto, with its functions called as they are."""

    def __init__(self) -> None:
        from moto import mock_aws  # noqa: PLC0415 - it patches what it finds

        functions = _Functions()
        self._alone = Lock()
        self._patches = ExitStack()
        self._patches.enter_context(mock_aws())
        self._patches.enter_context(mock.patch(_INVOKE, functions.invoke_as_moto_does()))

        @cache  # to make one takes longer than a requirement
        def client(service: str) -> Any:
            make: Any = boto3.client
            return make(service, region_name="us-east-1")

        super().__init__("Moto", client, functions, polls=False, quiet=0.05)

    def run(self, requirement: Requirement) -> Observed:
        """Run a requirement, one at a time: moto is not made for threads."""
        with self._alone:
            return super().run(requirement)

    def close(self) -> None:
        """Take back what was patched."""
        self._patches.close()


class _Functions:
    def __init__(self) -> None:
        self._known: dict[str, Callable[[Any], Any]] = {}

    def code(self) -> bytes:
        from headrace.testing.conformance.peers.callback import CallbackServer  # noqa: PLC0415

        return CallbackServer().code()

    def serve(self, name: str, function: Callable[[Any], Any]) -> None:
        self._known[name] = function

    def invoke_as_moto_does(self) -> Callable[..., bytes]:
        """Return what takes the place of a container."""
        known = self._known

        def invoke(function: Any, body: str, asked: Any, answered: dict[str, str]) -> bytes:
            del asked
            try:
                return json.dumps(known[function.function_name](json.loads(body))).encode()
            except Exception as error:  # noqa: BLE001 - it is the function's
                answered["x-amz-function-error"] = "Unhandled"
                return json.dumps({"errorMessage": str(error)}).encode()

        return invoke
