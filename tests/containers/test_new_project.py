"""The image of every project that `headrace new` writes, as a function behind the emulator."""

import itertools
import json
import os
import subprocess
import sys
from typing import get_args

import pytest

from headrace.cli import main
from headrace.commands.new.answers import Model, Source
from headrace.testing import http_event, kafka_event, kinesis_event
from tests.support.containers.container import Function
from tests.support.installed import ROOT, build

pytestmark = [
    pytest.mark.containers,
    pytest.mark.slow(seconds=40),
    pytest.mark.timeout(1200),
]
VARIANTS = list(itertools.product(get_args(Source), get_args(Model)))
EVENTS = {"kafka": kafka_event, "kinesis": kinesis_event}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """A folder with Headrace's wheel, beside the package index."""
    wheel, sdist = build(tmp_path_factory.mktemp("wheels"))
    sdist.unlink()
    return wheel.parent


@pytest.fixture(params=VARIANTS, ids="-".join)
def project(request, tmp_path, monkeypatch):
    """A new project: its folder, source and model."""
    source, model = request.param
    monkeypatch.chdir(tmp_path)
    assert main(["new", "shop", "--source", source, "--model", model]) == 0
    return tmp_path / "shop", source, model


@pytest.fixture
def built(project, podman, wheels):
    """The name of the project's image, which is gone after the test."""
    folder, source, model = project
    links = {"PIP_FIND_LINKS": str(wheels), "UV_FIND_LINKS": str(wheels)}
    run(folder, "make", f"PYTHON={sys.executable}", "requirements/image.txt", **links)
    name = f"new-{source}-{model}"
    podman.build_project(folder, name, wheels)
    yield name
    podman("rmi", "--force", f"headrace-{name}")


def run(folder, *command, **environ):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HEADRACE_")}
    done = subprocess.run(
        command, cwd=folder, env=kept | environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def publish(folder, models):
    """As `make train` does, by what this tree has installed."""
    here = {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "HEADRACE_MODEL_ROOT": str(models)}
    run(folder, sys.executable, "-m", "training.houses", "var", **here)
    (artifact,) = (folder / "var").glob("model.*")
    flags = ("--golden", "var/golden.jsonl", "--input", "var/schema.json")
    command = (sys.executable, "-m", "headrace", "models", "publish", "houses", str(artifact))
    run(folder, *command, *flags, **here)
    for path in (models, *models.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the container has a user of its own


def test_it_is_built_and_answers(project, podman, built, models):
    folder, source, model = project
    if model != "none":
        publish(folder, models)
    rows = [json.loads(line) for line in (folder / "demo/rows.jsonl").read_text().splitlines()]
    worker = "orders" if model == "none" else "houses"
    handler = f"workers.{worker}.handler"
    environ = {"HEADRACE_REPORT_BATCH_ITEM_FAILURES": "true"}
    with Function(podman, built, handler, models=models, environ=environ) as function:
        assert function.invoke(rows[0])["id"] == rows[0]["id"]
        if source == "http":
            answers = [function.invoke(http_event(row, method="POST")) for row in rows]
            assert [one["statusCode"] for one in answers].count(200) == len(rows) - 1
        else:
            answer = function.invoke(EVENTS[source](rows))
            (failure,) = answer["batchItemFailures"]  # without a queue for its dead letter
            assert failure
