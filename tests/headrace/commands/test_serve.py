"""`headrace serve` as users start it: both inference workers over real HTTP."""

import base64
import io
import json

import pytest
from PIL import Image

from headrace.runner.function.http import INVOCATIONS
from headrace.store.publisher import Publisher
from tests.support.models import three_boxes, tumor
from tests.support.served import requests, serve
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(seconds=0.7)


def white_picture():
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "white").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    tumor.publish(root)
    three_boxes.publish(Publisher(root))
    return str(root)


@pytest.fixture(scope="module", params=[(), ("--function-timeout-seconds", "60")])
def classifier(request, models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("classifier")
    flags = ("--invocations", "true", *request.param)
    with serve(folder, "workers.tumor_classifier", *flags, HEADRACE_MODEL_ROOT=models) as served:
        yield served


@pytest.fixture(scope="module")
def detector(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("detector")
    env = {"HEADRACE_MODEL_ROOT": models, "HEADRACE_IMAGE_ALLOW_DATA": "true"}
    with serve(folder, "workers.object_detector", **env) as served:
        yield served


def test_the_classifier_answers(classifier):
    answer = classifier.request("POST", "/predict", body=json.dumps(tumor.EVENT))
    assert (answer.status, answer.json()) == (200, {"result": "B"})
    assert answer.headers["content-type"] == "application/json"


def test_the_classifier_explains_a_bad_request(classifier):
    answer = classifier.request("POST", "/predict", body=b'{"radius_mean": "wide"}')
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_a_request_without_the_body_that_a_worker_needs_is_refused(classifier, detector):
    for server in (classifier, detector):
        answer = server.request("POST", "/")
        assert answer.status == 400
        assert answer.json()["detail"] == "the request has no body"


def test_the_classifier_is_a_runtime_interface(classifier):
    answer = classifier.request("POST", INVOCATIONS, body=json.dumps(tumor.EVENT))
    assert answer.json() == {"result": "B"}


def test_the_detector_answers(detector):
    answer = detector.request("POST", "/", body=json.dumps({"url": white_picture()}))
    assert answer.status == 200
    assert answer.json()["detection_class_entities"] == ["cat", "dog"]


def test_the_detector_draws(detector):
    body = json.dumps({"url": white_picture(), "draw": True})
    answer = detector.request("POST", "/", body=body)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert drawn.size == (32, 24)


def test_probes_and_a_line_for_each_request(detector):
    assert detector.request("GET", "/healthz").status == 200
    assert detector.request("GET", "/readyz").status == 200
    detector.request("POST", "/there?a=1", body=b"{")  # a query may hold a secret
    wait_until(lambda: requests(detector) and requests(detector)[-1]["path"] == "/there")
    assert requests(detector)[-1]["status"] == 400
    assert not [line for line in requests(detector) if "healthz" in line["path"]]
