"""The jars of servers, pulled by Maven once and kept, and the Java that runs them."""

import fcntl
import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from headrace.testing.brokers.process import BrokerError, ToolsMissingError

DATA = Path(__file__).resolve().with_name("data")
"""What a broker is made from: Maven's list of jars, Kafka's settings, a file for Compose."""
OLDEST_JAVA = 17
QUICK_JVM = ("-Xmx512m", "-XX:TieredStopAtLevel=1")
"""For tests: without the slower of Java's two compilers, Kafka starts in two thirds of the time."""


def kafka_version() -> str:
    """The version of Apache Kafka that pom.xml pins."""
    version = ElementTree.parse(DATA / "pom.xml").findtext("properties/kafka.version")  # noqa: S314
    if version is None:
        raise BrokerError(f"{DATA / 'pom.xml'} names no kafka.version")
    return version


def cache() -> Path:
    """The user's folder for what was fetched and can be fetched again."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches, "headrace")


def java() -> str:
    """Path of a Java that Kafka runs on.

    Raises:
        ToolsMissingError: There is none, or only an older one.
    """
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin", "java")) if home else "java"
    found = shutil.which(program)
    if found is None:
        raise ToolsMissingError(f"Java {OLDEST_JAVA} or newer is not installed ({program})")
    number = java_version(found)
    if int(number.partition(".")[0] or 0) < OLDEST_JAVA:
        raise ToolsMissingError(
            f"Apache Kafka needs Java {OLDEST_JAVA} or newer; {found} is {number or None}"
        )
    return found


@functools.cache
def java_version(program: str) -> str:
    """The version of a Java, such as `17.0.15`; empty if it does not say."""
    shown = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r'version "(\d[\w.+-]*)', shown.stderr)
    return version[1] if version else ""


def jars() -> Path:
    """The folder with the server's jars; the first call downloads them (45 MB).

    Raises:
        ToolsMissingError: They are not there yet, and Maven is not installed.
        BrokerError: Maven failed; the message has the end of its output.
    """
    return pulled(DATA / "pom.xml", _folder())


def pulled(pom: Path, folder: Path) -> Path:
    """Return a folder with the jars that Maven finds for a list of them; they are kept.

    Args:
        pom: the list.
        folder: where they are, or will be.

    Raises:
        ToolsMissingError: They are not there yet, and Maven is not installed.
        BrokerError: Maven failed; the message has the end of its output.
    """
    if not folder.exists():
        _download(pom, folder)
    return folder


def check_tools() -> None:
    """Raises `ToolsMissingError` when a broker cannot be run from jars on this machine."""
    java()
    if not _folder().exists():
        _maven()


def _folder() -> Path:
    return cache() / "kafka" / kafka_version()


def _maven() -> str:
    found = shutil.which("mvn")
    if found is None:
        raise ToolsMissingError("Maven (mvn) is not installed")
    return found


def _download(pom: Path, folder: Path) -> None:
    maven = _maven()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(folder.parent, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return  # another process was at it, and has been waited for
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            _pull(maven, pom, Path(scratch, "libs")).rename(folder)


def _pull(maven: str, pom: Path, libs: Path) -> Path:
    done = subprocess.run(  # noqa: S603
        [
            *(maven, "-B", "-q", "-f", str(pom), "dependency:copy-dependencies"),
            *(f"-DoutputDirectory={libs}", "-DincludeScope=runtime"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BrokerError(f"Maven could not bring the jars of {pom}:\n{done.stdout[-2000:]}")
    return libs
