"""A real Apache Kafka on this machine, run by Docker Compose from data/compose.yaml."""

import os
import shutil
import subprocess
import time
from typing import Self

from headrace.testing.brokers.apache_kafka import STARTUP_S, answers
from headrace.testing.brokers.jars import DATA
from headrace.testing.brokers.process import BrokerError, ToolsMissingError, free_ports, is_free


def check_docker() -> None:
    """Raises `ToolsMissingError` unless a Docker daemon with Compose answers."""
    if shutil.which("docker") is None:
        raise ToolsMissingError("Docker is not installed")
    for question in (["info"], ["compose", "version"]):
        try:
            done = _docker(*question, timeout_s=20)
        except subprocess.TimeoutExpired:
            raise ToolsMissingError(f"docker {' '.join(question)} does not answer") from None
        if done.returncode:
            raise ToolsMissingError(f"docker {' '.join(question)} fails: {done.stderr.strip()}")


class ComposeKafka:
    """One broker in a container; the same face as `apache_kafka.KafkaBroker`.

    Args:
        project: Name of the Compose project; its containers and volume carry it.
        port: Loopback port of this machine; a free one by default.
        auto_create_topics: Whether a topic comes into being when first named.
    """

    def __init__(
        self,
        project: str = "headrace-kafka",
        *,
        port: int | None = None,
        auto_create_topics: bool = False,
    ) -> None:
        self.port = port or free_ports()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._project = project
        self._variables = {
            "KAFKA_PORT": str(self.port),
            "KAFKA_AUTO_CREATE_TOPICS": str(auto_create_topics).lower(),
        }

    def start(self) -> Self:
        """Starts the container and returns when the broker answers a metadata request.

        Raises:
            BrokerError: The port is taken, Docker refused, or the broker did not come up.
        """
        if not is_free(self.port):
            raise BrokerError(f"port {self.port}, which Kafka needs, is in use")
        self._compose("up", "--detach")
        ready = answers(self.bootstrap)
        deadline = time.monotonic() + STARTUP_S
        while not ready():
            if time.monotonic() > deadline:
                log = self._compose("logs", "--tail", "20")
                self.stop()
                raise BrokerError(f"Kafka did not answer in {STARTUP_S} s; its log:\n{log}")
            time.sleep(0.2)
        return self

    def stop(self) -> None:
        """Shuts the broker down in order; its data stays in the volume."""
        self._compose("down")

    def kill(self) -> None:
        """Ends the broker by SIGKILL, as a crash would."""
        self._compose("kill")

    def restart(self) -> None:
        """Starts the broker again on the same port and data."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stops the broker and deletes its data."""
        self._compose("down", "--volumes")

    def _compose(self, *arguments: str) -> str:
        done = _docker(
            *("compose", "--project-name", self._project, "--file", str(DATA / "compose.yaml")),
            *arguments,
            variables=self._variables,
        )
        if done.returncode:
            raise BrokerError(f"docker compose {arguments[0]} failed:\n{done.stderr[-2000:]}")
        return done.stdout


def _docker(
    *arguments: str, variables: dict[str, str] | None = None, timeout_s: float | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        ["docker", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(variables or {})},
        timeout=timeout_s,
    )
