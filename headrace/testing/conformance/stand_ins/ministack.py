"""A server of MiniStack: `pip install ministack` in an environment of its own."""

import os
import time
import urllib.request
from pathlib import Path

from headrace.testing.brokers.process import Service, free_ports

COMMAND = "HEADRACE_TESTING_MINISTACK"
"""The variable that names the command; without it, that is `ministack`."""

_STARTUP_SECONDS = 60


class MiniStackServer:
    """A server of its own, until it is killed.

    Args:
        folder: for its log and its files.
        command: what starts it; None: what the variable says.

    Attributes:
        endpoint: its address, for boto3's `endpoint_url`.

    Raises:
        OSError: there is no such command.
        BrokerError: it did not come up (with the end of its log).
    """

    def __init__(self, folder: Path, command: str | None = None) -> None:
        port = free_ports()
        self.endpoint = f"http://127.0.0.1:{port}"
        own = {"GATEWAY_PORT": str(port), "LAMBDA_EXECUTOR": "local", "TMPDIR": str(folder)}
        command = command or os.environ.get(COMMAND, "ministack")
        self._service = Service([command], folder / f"{port}.log", env={**os.environ, **own})
        self._service.wait_until(self._answers, _STARTUP_SECONDS)

    def kill(self) -> None:
        """End it; it has nothing to save."""
        self._service.kill()

    def _answers(self) -> bool:
        time.sleep(0.1)
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2):  # noqa: S310
                return True
        except OSError:
            return False
