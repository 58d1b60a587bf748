"""ElasticMQ on this machine: a server that speaks SQS, loopback only, run from its jars.

Beside moto it is the stand-in that hands out a message, or a group of a FIFO queue, to one of
several requests at once, and that keeps messages over a restart if it is told to.
"""

import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Self
from xml.etree import ElementTree

from headrace.testing.brokers.class_archive import ClassArchive
from headrace.testing.brokers.jars import DATA, cache, java, java_version, pulled
from headrace.testing.brokers.process import BrokerError, Service, free_ports

_STARTUP_S = 120
_POM = DATA / "elasticmq.pom.xml"


class ElasticMq:
    """One server whose data lives in a folder; a context manager that starts and stops it.

    Args:
        folder: holds configuration, log and data.
        keeps: whether a server that is started on the folder again has its messages.
        jvm: options of the Java that runs it.

    Attributes:
        endpoint: its address, for boto3's `endpoint_url`.
    """

    def __init__(
        self, folder: Path, *, keeps: bool = False, jvm: Sequence[str] = ("-Xmx512m",)
    ) -> None:
        self._folder = folder.absolute()
        self._keeps = keeps
        self._jvm = tuple(jvm)
        self._port = free_ports()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self._service: Service | None = None

    def start(self) -> Self:
        """Start the server and return when it answers.

        Raises:
            ToolsMissingError: Java or Maven is missing.
            BrokerError: The server did not come up (with the end of its log).
        """
        configuration = self._folder / "server.conf"
        configuration.write_text(
            Template((DATA / "elasticmq.conf").read_text()).substitute(
                port=self._port, folder=self._folder, keeps=str(self._keeps).lower()
            )
        )
        libraries = _libraries()
        options = [*self._jvm, *self._classes().options(writes=True)]
        options += [f"-Dconfig.file={configuration}", "-cp", f"{libraries}/*"]
        command = [java(), *options, "org.elasticmq.server.Main"]
        self._service = Service(command, self._folder / "elasticmq.log")
        self._service.wait_until(self._answers, _STARTUP_S)
        return self

    def stop(self) -> None:
        """End the server in order."""
        if self._service is not None:
            self._service.stop()
            self._service = None
            self._classes().keep()

    def kill(self) -> None:
        """End the server by SIGKILL, as a crash would."""
        if self._service is not None:
            self._service.kill()
            self._service = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _classes(self) -> ClassArchive:
        return ClassArchive(_libraries(), java_version(java()), self._folder)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.endpoint}/health", timeout=2).close()  # noqa: S310
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


def _libraries() -> Path:
    return pulled(_POM, cache() / "elasticmq" / _version())


def _version() -> str:
    version = ElementTree.parse(_POM).findtext("properties/elasticmq.version")  # noqa: S314
    if version is None:
        raise BrokerError(f"{_POM} names no elasticmq.version")
    return version
