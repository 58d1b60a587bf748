"""Docker Compose is called with the right words; a stand-in for `docker` notes them."""

import os
from pathlib import Path

import pytest
import yaml

from headrace.testing.brokers import compose as brokers_compose
from headrace.testing.brokers.compose import ComposeKafka, check_docker
from headrace.testing.brokers.jars import DATA
from headrace.testing.brokers.process import BrokerError, ToolsMissingError


def put_docker(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_broker_is_started_crashed_restarted_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    put_docker(tmp_path, f'echo "$KAFKA_PORT $KAFKA_AUTO_CREATE_TOPICS $*" >> {calls}', monkeypatch)
    monkeypatch.setattr(brokers_compose, "answers", lambda _: lambda: True)
    broker = ComposeKafka("rehearsal", auto_create_topics=True).start()
    broker.kill()
    broker.restart()
    broker.remove()
    compose = f"compose --project-name rehearsal --file {DATA / 'compose.yaml'}"
    assert calls.read_text().splitlines() == [
        f"{broker.port} true {compose} {words}"
        for words in ("up --detach", "kill", "down", "up --detach", "down --volumes")
    ]


def test_a_refusal_of_compose_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_docker(tmp_path, "echo 'no such image' >&2; exit 1", monkeypatch)
    with pytest.raises(BrokerError, match="docker compose up failed:\nno such image"):
        ComposeKafka("rehearsal").start()


def test_a_daemon_that_does_not_answer_is_no_docker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_docker(tmp_path, "echo 'Cannot connect' >&2; exit 1", monkeypatch)
    with pytest.raises(ToolsMissingError, match="docker info fails: Cannot connect"):
        check_docker()


def test_clients_on_this_machine_are_told_the_port_that_is_published() -> None:
    service = yaml.safe_load((DATA / "compose.yaml").read_text())["services"]["kafka"]
    [published] = service["ports"]
    assert published == "127.0.0.1:${KAFKA_PORT:-9092}:9092"
    advertised = service["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert "HOST://127.0.0.1:${KAFKA_PORT:-9092}" in advertised
