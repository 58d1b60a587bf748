"""Dockerfiles, ignore file and compose file against each other and against the code."""

import importlib
import re
from pathlib import Path

import msgspec
import pytest
import yaml

from headrace.handler import Handler
from headrace.images import ImageSettings
from headrace.loading import find_handler
from headrace.runner.settings import MappingSettings
from headrace.serve.settings import ServeSettings
from headrace.settings import variable
from headrace.store.settings import PublisherSettings
from headrace.worker import WorkerSettings

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
STRUCTS = (ImageSettings, PublisherSettings, MappingSettings, ServeSettings, WorkerSettings)
NAMES = ("stream", "classifier", "detector", "training")
BASE = re.search(r"^ARG BASE_IMAGE=(.+)$", (DOCKER / "stream.Dockerfile").read_text(), re.M)[1]

# Read by the SDK, the emulator and others' images, not by our settings.
FOREIGN = re.compile("AWS_|KAFKA_|KINESIS_MOCK_|INITIALIZE_STREAMS$|LOG_LEVEL$|LAMBDA_")


def services():
    return COMPOSE["services"].items()


def ours():
    return [(name, service) for name, service in services() if "build" in service]


def test_the_base_image_is_named_by_its_content():
    """A tag may stand for other bytes tomorrow; the digest says which were meant."""
    assert re.fullmatch(r"python:3\.\d+-slim@sha256:[0-9a-f]{64}", BASE)


def test_the_build_on_aws_takes_the_same_base():
    variables = yaml.safe_load((ROOT / "training/buildspec.yml").read_text())["env"]["variables"]
    assert variables["BASE_IMAGE"] == f"public.ecr.aws/docker/library/{BASE}"


@pytest.mark.parametrize("name", NAMES)
def test_a_dockerfile_takes_its_base_and_copies_what_exists(name):
    text = (DOCKER / f"{name}.Dockerfile").read_text()
    assert re.search(rf"^ARG BASE_IMAGE={re.escape(BASE)}$", text, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${BASE_IMAGE}"}
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())


@pytest.mark.parametrize("name", NAMES[:3])
def test_the_default_command_names_a_worker(name):
    text = (DOCKER / f"{name}.Dockerfile").read_text()
    (handler,) = re.findall(r'"awslambdaric", "([\w.]+)\.handler"', text)
    assert isinstance(importlib.import_module(handler).handler, Handler)


@pytest.mark.parametrize("name", NAMES[:3])
def test_packages_of_a_serving_image_are_pinned_by_hash(name):
    text = (DOCKER / f"{name}.Dockerfile").read_text()
    assert f"requirements/{name}.txt" in text
    assert "--require-hashes" in text


def test_compose_builds_from_dockerfiles_that_exist():
    built = {service["build"]["dockerfile"] for _, service in ours()}
    assert built == {f"docker/{name}.Dockerfile" for name in NAMES}


def test_compose_sets_variables_that_the_code_reads():
    known = {variable(field.name) for struct in STRUCTS for field in msgspec.structs.fields(struct)}
    named = {key for _, service in services() for key in service.get("environment", {})}
    assert {name for name in named if not FOREIGN.match(name)} <= known


def test_compose_names_workers_that_exist():
    commands = [" ".join(service.get("command", [])) for _, service in ours()]
    functions = re.findall(r"awslambdaric (workers\.\w+)\.handler", "\n".join(commands))
    services = re.findall(r"headrace (?:run|serve) ([\w.]+)", "\n".join(commands))
    assert len(functions) == len(services) == 4
    for worker in (*functions, *services):
        assert isinstance(find_handler(worker), Handler)


def test_compose_asks_whatever_listens_how_it_is():
    """GIVEN a server or a runner THEN its port is published, and the health check asks that one."""
    asked = {name for name, service in ours() if "healthcheck" in service}
    listening = {
        name: environ.get("HEADRACE_SERVE_PORT") or environ.get("HEADRACE_HTTP_PORT")
        for name, service in ours()
        if (environ := service.get("environment", {})).keys()
        & {"HEADRACE_SERVE_PORT", "HEADRACE_HTTP_PORT"}
    }
    assert asked == set(listening)
    assert asked == {n for n, s in ours() if {"run", "serve"} & set(s.get("command", []))}
    for name, port in listening.items():
        service = COMPOSE["services"][name]
        assert f":{port}/" in service["healthcheck"]["test"][-1]
        assert [mapping.rpartition(":")[2] for mapping in service["ports"]] == [port]


def test_compose_publishes_each_port_once_and_on_loopback():
    published = [port.rpartition(":")[0] for _, s in services() for port in s.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert len(set(published)) == len(published)


def test_compose_runs_ours_as_lambda_would():
    for name, service in ours():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "mem_limit" in service, name


def test_the_build_context_is_what_the_images_need():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule.removeprefix("!").split("/")[0] for rule in rules if rule.startswith("!")} == {
        "docker",
        "headrace",
        "models",
        "requirements",
        "training",
        "workers",
    }
