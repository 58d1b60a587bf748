"""A real Apache Kafka on this machine: one node, KRaft, loopback only, run from its jars."""

import base64
import subprocess
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from headrace.testing.brokers.class_archive import ClassArchive
from headrace.testing.brokers.jars import DATA, jars, java, java_version
from headrace.testing.brokers.process import BrokerError, Service, free_ports, is_free

STARTUP_S = 120


class KafkaBroker:
    """One broker whose data lives in a folder; a context manager that starts and stops it.

    Args:
        folder: Holds data, configuration and log. A broker started on it again has its data.
        port: Loopback port; the next one is the controller's. A free pair by default.
        auto_create_topics: Whether a topic comes into being when first named.
        properties: Further lines for server.properties, the last word over the template's.
        jvm: Options of the Java that runs it.
        leashed: Whether the broker dies with this process, however that ends.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        auto_create_topics: bool = False,
        properties: Mapping[str, str] | None = None,
        jvm: Sequence[str] = ("-Xmx512m",),
        leashed: bool = True,
    ) -> None:
        self.folder = folder.absolute()
        self.port = port or free_ports(2)
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.log = self.folder / "kafka.log"
        self._auto_create_topics = auto_create_topics
        self._properties = dict(properties or {})
        self._jvm = tuple(jvm)
        self._leashed = leashed
        self._service: Service | None = None

    @property
    def pid(self) -> int:
        """The process to signal; its leash's where it has one."""
        return self._running().pid

    def start(self) -> Self:
        """Starts the broker and returns when it answers a metadata request.

        Raises:
            ToolsMissingError: Java or Maven is missing.
            BrokerError: A port is taken, or the broker did not come up (with the end of its log).
        """
        for port in (self.port, self.port + 1):
            if not is_free(port):
                raise BrokerError(f"port {port}, which Kafka needs, is in use")
        configuration = self._configure()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(configuration)
        # One in the background is stopped by another process, which would keep nothing.
        options = self._classes().options(writes=self._leashed)
        command = self._java(*options, "kafka.Kafka", str(configuration))
        self._service = Service(command, self.log, leashed=self._leashed)
        self._service.wait_until(answers(self.bootstrap), STARTUP_S)
        return self

    def stop(self) -> None:
        """Shuts the broker down in order."""
        if self._service:
            self._service.stop()
            self._service = None
            self._classes().keep()

    def kill(self) -> None:
        """Ends the broker by SIGKILL, as a crash would."""
        self._running().kill()
        self._service = None

    def restart(self) -> None:
        """Starts the broker again on the same port and data, after a `stop` first if it runs."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _running(self) -> Service:
        if self._service is None:
            raise BrokerError("the broker is not running")
        return self._service

    def _configure(self) -> Path:
        template = Template((DATA / "server.properties").read_text())
        text = template.substitute(
            port=self.port,
            controller_port=self.port + 1,
            data=self.folder / "data",
            auto_create_topics=str(self._auto_create_topics).lower(),
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "server.properties"
        # In a properties file the last of several equal keys counts.
        further = "".join(f"{name}={value}\n" for name, value in self._properties.items())
        configuration.write_text(text + further)
        return configuration

    def _format(self, configuration: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        done = subprocess.run(  # noqa: S603
            self._java(
                *self._classes().options(writes=False),
                *("kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted"),
                *(f"--cluster-id={cluster}", "--config", str(configuration)),
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BrokerError(f"Kafka could not format {self.folder}:\n{done.stderr[-2000:]}")

    def _classes(self) -> ClassArchive:
        return ClassArchive(jars(), java_version(java()), self.folder)

    def _java(self, *arguments: str) -> list[str]:
        return [
            *(java(), "-XX:+UseSerialGC", "-XX:-UsePerfData", *self._jvm),
            *("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars()}/*"),
            *arguments,
        ]


def answers(bootstrap: str) -> Callable[[], bool]:
    """Makes a question to ask again and again: does the broker answer a metadata request?"""
    client = AdminClient(
        {
            "bootstrap.servers": bootstrap,
            "log_level": 0,  # refused connections are what waiting looks like
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 200,
        }
    )

    def ask() -> bool:
        try:
            return bool(client.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    return ask
