"""What is in the images, and what is not."""

import json
import pkgutil

import pytest

import headrace.cli
import headrace.runner
import headrace.sam
import headrace.sinks
from tests.support.containers.container import MODELS, Container

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

SIZES = {"stream": 70, "classifier": 156, "detector": 225}  # megabytes; 23 are the HTTP server
MODULES = {
    "stream": ("workers.msk_consumer", "workers.kinesis_consumer"),
    "classifier": ("workers.tumor_classifier",),
    "detector": (
        "workers.object_detector",
        "models.detector.drawing",
        "headrace.runtimes.litert",
    ),
}
EVERYWHERE = (
    *("headrace.cli", "headrace.serve.app", "headrace.web.server", "workers.msk_client"),
    *(f"headrace.commands.{module}" for module in headrace.cli._COMMANDS.values()),
    *(
        module.name
        for package in (headrace.sam, headrace.runner, headrace.sinks)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.startswith(("headrace.sinks.pg", "headrace.sinks.postgres"))
    ),
)
"""What each image can do beside its worker: `headrace run` and `headrace serve`, every sink but
PostgreSQL's, whose client the images leave to those who need it."""

SERVICES = ("kafka", "kinesis", "lambda", "sqs", "sns", "s3", "sts")

LOOK = """
import importlib, json, os, shutil, sys
import boto3
modules, services = json.loads(sys.argv[1])
for name in modules:
    importlib.import_module(name)
for service in services:
    boto3.client(service, region_name="eu-west-1")
uncompiled, size, seen = [], 0, set()
for folder, _, files in os.walk("/opt/headrace"):
    for name in files:
        path = os.path.join(folder, name)
        status = os.lstat(path)
        size += status.st_size
        if name.endswith(".py") and status.st_size:
            stem = name[:-3] + "." + sys.implementation.cache_tag + ".pyc"
            if not os.path.exists(os.path.join(folder, "__pycache__", stem)):
                uncompiled.append(path)
foreign = ("gcc", "cc", "c++", "g++", "make", "pip", "pip3", "uv")
print(json.dumps({
    "uid": os.getuid(),
    "uncompiled": uncompiled,
    "megabytes": size / 1e6,
    "tools": [name for name in foreign if shutil.which(name)],
    "installers": [n for n in ("pip", "ensurepip", "setuptools") if importlib.util.find_spec(n)],
    "apps": sorted(os.listdir("/opt/headrace/app")),
    "caches": [p for p in ("/root/.cache", "/tmp/.cache") if os.path.exists(p)],
}))
"""


@pytest.fixture(scope="module", params=SIZES)
def look(request, images):
    """What a look around the image finds: imports, clients, sizes, leftovers."""
    wanted = (*MODULES[request.param], *EVERYWHERE)
    question = json.dumps([wanted, SERVICES])
    command = ("python3", "-c", LOOK, question)
    with Container(images, request.param, *command, options=("--user", "10001")) as container:
        status = container.wait()
        assert status == 0, container.logs()
        return request.param, json.loads(container.logs().splitlines()[-1])


def test_everything_a_worker_may_need_is_there(look):
    """Imports and clients worked after the trimming; nothing is left to compile at a cold start."""
    _, found = look
    assert found["uncompiled"] == []


def test_no_compiler_no_installer_no_cache(look):
    _, found = look
    assert (found["tools"], found["installers"], found["caches"]) == ([], [], [])
    assert found["apps"] == ["headrace", "models", "workers"]


def test_it_stays_small(look):
    image, found = look
    assert found["megabytes"] <= SIZES[image]


def test_the_images_own_user_is_not_root(images):
    for image in SIZES:
        settings = json.loads(images("image", "inspect", f"headrace-{image}"))[0]["Config"]
        assert settings["User"] == "10001:10001"
        assert settings["Entrypoint"][0].startswith("/")


PROBE = """
import os
for folder in ("/", "/opt/headrace", "/mnt/models", "/tmp"):
    try:
        open(os.path.join(folder, "probe"), "w").close()
        print(folder)
    except OSError:
        pass
"""


def test_only_the_scratch_folder_can_be_written(images, models):
    mounts = (f"{models}:{MODELS}:ro",)
    with Container(images, "classifier", "python3", "-c", PROBE, mounts=mounts) as container:
        assert container.wait() == 0
        assert container.logs().split() == ["/tmp"]


def test_the_memory_limit_is_one(images):
    command = ("python3", "-c", "b'x' * (700 << 20)")
    with Container(images, "stream", *command, memory=512) as container:
        assert container.wait() == 137
