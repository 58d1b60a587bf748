"""MiniStack's mappings: `pip install ministack` in an environment of its own."""

import os
import time
import urllib.request
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from typing import Any

import boto3

from headrace.testing.brokers.process import Service, free_ports
from headrace.testing.conformance.peers.aws import AwsAdapter
from headrace.testing.conformance.peers.callback import CallbackServer

_COMMAND = "HEADRACE_TESTING_MINISTACK"
_STARTUP_SECONDS = 60


class MiniStack(AwsAdapter):
    """Starts it, and runs requirements on it.

    `HEADRACE_TESTING_MINISTACK` is its command; `ministack` if it is not set.
    """

    def __init__(self) -> None:
        port = free_ports()
        endpoint = f"http://127.0.0.1:{port}"
        command = [os.environ.get(_COMMAND, "ministack")]
        environment = {**os.environ, "GATEWAY_PORT": str(port), "LAMBDA_EXECUTOR": "local"}
        server = Service(command, Path(mkdtemp(), "ministack.log"), env=environment)
        server.wait_until(lambda: _answers(endpoint), _STARTUP_SECONDS)
        self._server = server

        @cache
        def open_client(service: str) -> Any:
            make: Any = boto3.client
            return make(
                service,
                endpoint_url=endpoint,
                region_name="us-east-1",
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - of a stand-in
            )

        opening = Lock()

        def client(service: str) -> Any:
            with opening:  # boto3 opens one at a time; once open, it may be used by all threads
                return open_client(service)

        callback = CallbackServer()
        callback.__enter__()
        super().__init__("MiniStack", client, callback, polls=True, quiet=12.0)

    def close(self) -> None:
        """End it."""
        self._server.kill()


def _answers(endpoint: str) -> bool:
    time.sleep(0.1)
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2):  # noqa: S310
            return True
    except OSError:
        return False
