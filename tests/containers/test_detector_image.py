"""The detector image behind the emulator, with a tiny detector and with the published one."""

import base64
import io
import json

import pytest
from PIL import Image

from headrace.store.publisher import Publisher
from models.detector.spec import DetectorSpec
from tests.support.containers.container import Function
from tests.support.images.server import ImageServer, answer
from tests.support.models import three_boxes
from tests.support.models.detector import LABELS, TFLITE, acceptance_folder

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

HANDLER = "workers.object_detector.handler"
MEMORY = 1024


def white(kind):
    file = io.BytesIO()
    Image.new("RGB", (32, 24), (255, 255, 255)).save(file, kind)
    return file.getvalue()


def detector(images, models, **environ):
    return Function(images, "detector", HANDLER, models=models, environ=environ, memory=MEMORY)


def body(response):
    assert response["statusCode"] == 200, response
    return json.loads(response["body"])


def test_an_image_by_its_url(images, models):
    """One of two overlapping cats is suppressed; the dog is elsewhere."""
    three_boxes.publish(Publisher(models))
    routes = {"/white.png": answer(white("PNG"))}
    with (
        ImageServer(routes) as server,
        detector(images, models, HEADRACE_IMAGE_ALLOW_HOSTS=f"127.0.0.1:{server.port}") as function,
    ):
        found = body(function.invoke({"url": server.url("/white.png")}))
    assert found["detection_class_entities"] == ["cat", "dog"]
    assert found["detection_scores"] == pytest.approx([0.9, 0.6], abs=0.01)
    assert found["detection_boxes"][0] == pytest.approx([0.1, 0.1, 0.5, 0.5], abs=0.01)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_image_format_is_decoded_in_the_image(images, models, kind):
    three_boxes.publish(Publisher(models))
    url = f"data:;base64,{base64.b64encode(white(kind)).decode()}"
    with detector(images, models, HEADRACE_IMAGE_ALLOW_DATA="true") as function:
        found = body(function.invoke({"url": url}))
    assert found["detection_class_entities"] == ["cat", "dog"]


def test_a_drawing(images, models):
    """The font comes from Pillow itself: the image has no others."""
    three_boxes.publish(Publisher(models))
    url = f"data:;base64,{base64.b64encode(white('PNG')).decode()}"
    with detector(images, models, HEADRACE_IMAGE_ALLOW_DATA="true") as function:
        response = function.invoke({"url": url, "draw": True})
    drawn = Image.open(io.BytesIO(base64.b64decode(response["body"])))
    assert drawn.size == (32, 24)
    assert drawn.convert("L").getextrema()[0] < 255


def test_private_addresses_stay_out_of_reach(images, models):
    three_boxes.publish(Publisher(models))
    with ImageServer({"/x": answer(white("PNG"))}) as server, detector(images, models) as function:
        assert function.invoke({"url": server.url("/x")})["statusCode"] == 400
    assert server.requests == []


@pytest.mark.acceptance
def test_the_published_detector_through_litert(images, models):
    """As it finds them in the SavedModel's own answers: the photograph's surest object is there."""
    from training.detector.description import describe
    from training.detector.importing.job import import_file

    folder = acceptance_folder()
    imported = import_file(folder / TFLITE, folder / LABELS)
    assert isinstance(imported.spec, DetectorSpec)
    described = describe(three_boxes.MODEL, imported.spec, metrics={}, training_data="")
    Publisher(models).publish(imported.files, described)
    name, expected = next(iter(json.loads((folder / "expected.json").read_text()).items()))
    surest = max(expected["detections"], key=lambda detection: detection["score"])
    data = (folder / "photographs" / name).read_bytes()
    with (
        ImageServer({"/photograph": answer(data)}) as server,
        detector(images, models, HEADRACE_IMAGE_ALLOW_HOSTS=f"127.0.0.1:{server.port}") as function,
    ):
        found = body(function.invoke({"url": server.url("/photograph")}))
    assert surest["class"] in found["detection_class_entities"]
