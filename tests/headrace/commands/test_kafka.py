"""`headrace kafka` leaves a broker in the background and finds it again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.testing.brokers.apache_kafka import answers
from headrace.testing.brokers.jars import check_tools
from headrace.testing.brokers.process import (
    Service,
    ToolsMissingError,
    command_of,
    free_ports,
    is_free,
)

ROOT = Path(__file__).resolve().parents[3]


def kafka(
    folder: Path, *words: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command in a working directory of its own, so that a developer's broker is left alone."""
    return subprocess.run(
        [sys.executable, "-m", "headrace", "kafka", *words],
        cwd=folder,
        env={**(env or os.environ), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.kafka
@pytest.mark.slow
def test_a_broker_stays_in_the_background_until_stopped(tmp_path: Path) -> None:
    try:
        check_tools()
    except ToolsMissingError as missing:
        pytest.skip(str(missing))
    port = free_ports(2)
    started = kafka(tmp_path, "start", "--jars", "--port", str(port))
    try:
        assert started.returncode == 0, started.stderr
        assert f"127.0.0.1:{port}" in started.stdout
        assert answers(f"127.0.0.1:{port}")()
        assert kafka(tmp_path, "status").returncode == 0
        again = kafka(tmp_path, "start", "--jars", "--port", str(port))
        assert again.returncode == 0
        assert "starting" not in again.stdout
    finally:
        stopped = kafka(tmp_path, "stop")
    assert stopped.stdout == "stopped\n"
    assert is_free(port)
    assert kafka(tmp_path, "status").returncode == 1


def test_a_start_that_is_interrupted_leaves_no_server(tmp_path: Path) -> None:
    """As by Ctrl-C: the server would keep its port, and no `stop` would know of it."""
    server = Service(
        [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", leashed=False
    )

    def interrupted() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.wait_until(interrupted, 60)
    assert command_of(server.pid) == ""


def test_a_note_of_a_broker_that_died_is_not_believed(tmp_path: Path) -> None:
    # The number is this test's own process, which is no Kafka and must not be stopped.
    note = f'{{"how": "jars", "port": 1, "pid": {os.getpid()}}}'
    noted = tmp_path / "var/kafka/broker.json"
    noted.parent.mkdir(parents=True)
    noted.write_text(note)
    assert kafka(tmp_path, "status").stdout == "not running\n"
    noted.write_text(note)
    assert kafka(tmp_path, "stop").stdout == "no Kafka of ours is running\n"


def test_without_docker_and_java_one_line_says_what_to_install(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    refused = kafka(tmp_path, "start", env={**env, "PATH": str(tmp_path)})
    assert refused.returncode == 1
    assert refused.stdout == ""
    [line] = refused.stderr.splitlines()
    assert "Java 17" in line
    assert "Docker" in line
    assert "Maven" in line
