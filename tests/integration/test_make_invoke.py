"""`make invoke` asks the two models about a file, a URL and an event, as the README tells."""

import json
import os
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from headrace.settings import read, variable
from headrace.store.settings import PublisherSettings
from tests.support.http_server import LoopbackServer
from tests.support.models import tumor
from training.detector.publishing.ship import SHIPPED, install

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A store with both models."""
    folder = tmp_path_factory.mktemp("models")
    tumor.publish(folder)
    settings = read(PublisherSettings, {variable("model_root"): str(folder)})
    install(SHIPPED, settings.publisher())
    return folder


@pytest.fixture
def make_invoke(models):
    def call(*words: str, **environ: str) -> str:
        done = subprocess.run(
            ["make", "--silent", "--old-file=.venv/demo", "invoke", *words],
            cwd=ROOT,
            env=os.environ | {"HEADRACE_MODEL_ROOT": str(models)} | environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def digits(answer):
    return json.loads(json.loads(answer)["body"])["detection_class_entities"]


def test_an_event_goes_to_the_classifier(make_invoke):
    assert json.loads(make_invoke("EVENT=examples/tumor.json")) == {"result": "B"}


def test_a_local_picture_goes_to_the_detector(make_invoke):
    assert "9" in digits(make_invoke("FILE=examples/digits.jpg"))


def test_a_url_goes_to_the_detector_and_the_boxes_into_a_file(make_invoke, tmp_path):
    handler = partial(SimpleHTTPRequestHandler, directory=str(ROOT / "examples"))
    with LoopbackServer(handler) as server:
        said = make_invoke(
            f"URL=http://{server.address}/digits.jpg",
            f"OUT={tmp_path}/boxes.png",
            HEADRACE_IMAGE_ALLOW_HOSTS=server.address,
        )
    answer, _, told = said.partition("the answer is in")
    assert "9" in digits(answer)
    assert told == f" {tmp_path}/boxes.png\n"
    assert (tmp_path / "boxes.png").read_bytes().startswith(b"\x89PNG")
