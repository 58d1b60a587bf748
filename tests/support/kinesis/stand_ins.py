"""Stand-ins for Kinesis: kinesis-mock, right about resharding, and moto, quick and wide."""

import fcntl
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headrace.testing.brokers.process import Service, free_ports
from headrace.testing.moto_server import embedded_kinesis
from tests.support.shared import shared

ROOT = Path(__file__).resolve().parents[3]
INSTALLED = ROOT / "var" / "kinesis"
STARTUP_S = 60
# How long the stand-in takes over what AWS takes minutes for.
_DURATIONS = (
    "CREATE_STREAM_DURATION",
    "DELETE_STREAM_DURATION",
    "MERGE_SHARDS_DURATION",
    "REGISTER_STREAM_CONSUMER_DURATION",
    "SPLIT_SHARD_DURATION",
)


@pytest.fixture(scope="session")
def kinesis_mock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a kinesis-mock: splits and merges as AWS does, slow, for a few records."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"no kinesis-mock here: {program} (Node.js) is not installed")
    server = _kinesis_mock(tmp_path_factory.mktemp("kinesis"))
    with shared(request, "kinesis-mock", server) as endpoint:
        yield endpoint


@contextmanager
def _kinesis_mock(folder: Path) -> Iterator[str]:
    package = _install()
    plain = free_ports(2)
    env = {
        **os.environ,
        "KINESIS_MOCK_CERT_PATH": str(package / "server.json"),
        "KINESIS_MOCK_PLAIN_PORT": str(plain),
        "KINESIS_MOCK_TLS_PORT": str(plain + 1),
        "LOG_LEVEL": "WARN",
        **dict.fromkeys(_DURATIONS, "50ms"),
        "SHARD_LIMIT": "1000",  # of all the streams of a test run
    }
    server = Service(["node", str(package / "main.js")], folder / "kinesis.log", env=env)
    endpoint = f"http://127.0.0.1:{plain}"
    try:
        server.wait_until(lambda: _healthy(endpoint), STARTUP_S)
        yield endpoint
    finally:
        server.kill()


@pytest.fixture(scope="session")
def moto_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a moto server: Kinesis without resharding, SQS, SNS, S3."""
    with shared(request, "moto", embedded_kinesis()) as endpoint:
        yield endpoint


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What boto3 needs to sign a request, though no stand-in looks at it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")


def _install() -> Path:
    """Brings what docker/kinesis/package-lock.json pins to var/kinesis, once for each lock file."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    wanted = ROOT / "docker" / "kinesis" / "package-lock.json"
    installed = INSTALLED / "installed-lock.json"
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test run may be installing
        if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(wanted.with_name(name), INSTALLED / name)
            subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=INSTALLED, check=True)
            shutil.copy(wanted, installed)
    return INSTALLED / "node_modules" / "kinesis-local"


def _healthy(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/healthcheck", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
