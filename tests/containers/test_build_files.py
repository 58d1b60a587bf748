"""Dockerfile, ignore file and compose file against each other and against the code."""

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
from tests.support.containers.images import ARGUMENTS, IMAGES

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
STRUCTS = (ImageSettings, PublisherSettings, MappingSettings, ServeSettings, WorkerSettings)
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
BASE = re.search(r"^ARG BASE_IMAGE=(.+)$", DOCKERFILE, re.M)[1]

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


def test_every_stage_begins_with_the_base_that_is_given():
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE_IMAGE}"}


def test_packages_are_pinned_by_hash():
    assert "--require-hashes" in DOCKERFILE


each_image = pytest.mark.parametrize("name", IMAGES)


@each_image
def test_an_image_is_made_of_what_exists(name):
    arguments = ARGUMENTS | IMAGES[name]
    assert (ROOT / f"requirements/{arguments['REQUIREMENTS']}.txt").is_file()
    assert all((ROOT / folder).is_dir() for folder in arguments["FOLDERS"].split())


@each_image
def test_an_image_has_no_argument_that_the_dockerfile_does_not_know(name):
    assert IMAGES[name].keys() <= ARGUMENTS.keys()


@each_image
def test_the_default_command_runs_a_worker_or_a_job(name):
    arguments = ARGUMENTS | IMAGES[name]
    if arguments["MODULE"] == "awslambdaric":
        assert isinstance(find_handler(arguments["ARGUMENT"].removesuffix(".handler")), Handler)
    else:
        assert (arguments["MODULE"], arguments["ARGUMENT"]) == ("training", "tumor")


def test_compose_builds_the_same_images():
    built = {service["image"]: service["build"] for _, service in ours()}
    assert {name: build["args"] for name, build in built.items()} == IMAGES
    assert {build["dockerfile"] for build in built.values()} == {"docker/Dockerfile"}


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
