"""The object detector answers as its reference does, and tells what is wrong or draws."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from headrace import lambda_handler
from tests.support.grey_pictures import image_file
from workers.object_detector import ObjectDetector


def http_event(body):
    return {
        "requestContext": {"http": {"method": "POST", "path": "/"}, "requestId": "r"},
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def test_a_direct_answer_is_that_of_the_reference_function(handler, server):
    answer = handler({"url": f"{server}/white.png"})
    assert list(answer) == ["statusCode", "body"]
    assert answer["statusCode"] == 200
    body = json.loads(answer["body"])
    assert list(body) == ["detection_boxes", "detection_scores", "detection_class_entities"]
    assert body["detection_class_entities"] == ["cat", "dog"]
    assert body["detection_scores"] == pytest.approx([0.9, 0.6])
    assert body["detection_boxes"][0] == pytest.approx([0.1, 0.1, 0.5, 0.5])


@pytest.mark.parametrize(
    ("options", "entities"),
    [
        ({"min_score": 0.7}, ["cat"]),
        ({"max_detections": 1}, ["cat"]),
        ({"classes": ["dog", "cow"]}, ["dog"]),
        ({"min_score": 0.95}, []),
        ({"min_score": 0, "max_detections": 50, "classes": None, "draw": False}, ["cat", "dog"]),
    ],
)
def test_options_choose_among_the_detections(handler, server, options, entities):
    body = json.loads(handler({"url": f"{server}/white.png", **options})["body"])
    assert body["detection_class_entities"] == entities
    assert len(body["detection_boxes"]) == len(body["detection_scores"]) == len(entities)


def test_a_drawing_is_a_png_of_the_whole_image(handler, server):
    answer = handler(http_event({"url": f"{server}/white.png", "draw": True}))
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    assert answer["headers"]["content-type"] == "image/png"
    with Image.open(io.BytesIO(base64.b64decode(answer["body"]))) as drawing:
        assert (drawing.format, drawing.size) == ("PNG", (32, 24))
    assert drawn_pixels(answer, level=255)


def drawn_pixels(answer, level):
    """How many pixels of a drawing differ from the picture, which is of one grey."""
    with Image.open(io.BytesIO(base64.b64decode(answer["body"]))) as drawing:
        return int((np.asarray(drawing.convert("RGB")) != level).any(axis=2).sum())


def test_guesses_are_drawn_only_for_who_asks_for_them(handler, server):
    """On grey, the model finds a cat at 45 % and a dog at 30 %."""
    drawing = {"url": f"{server}/grey.png", "draw": True}
    assert json.loads(handler(drawing | {"draw": False})["body"])["detection_scores"]
    assert drawn_pixels(handler(drawing), level=128) == 0
    cat, both = (handler(drawing | {"min_score": score}) for score in (0.4, 0.0))
    assert drawn_pixels(cat, level=128)
    assert cat["body"] != both["body"]


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({}, ["url"]),
        ({"url": 7}, ["url"]),
        ({"url": ""}, ["url"]),
        ({"url": "https://a/b", "min_score": 2}, ["min_score"]),
        ({"url": "https://a/b", "min_score": "high"}, ["min_score"]),
        ({"url": "https://a/b", "max_detections": 0}, ["max_detections"]),
        ({"url": "https://a/b", "classes": "dog"}, ["classes"]),
        ({"url": "https://a/b", "draw": "yes"}, ["draw"]),
        ({"url": "https://a/b", "colour": 1}, ["colour"]),
        ({"min_score": -1, "size": 3}, ["url", "min_score", "size"]),
    ],
)
def test_every_missing_unknown_or_wrong_field_is_named(handler, request_body, named):
    answer = handler(http_event(request_body))
    problem = json.loads(answer["body"])
    assert answer["statusCode"] == problem["status"] == 400
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert [error["field"] for error in problem["errors"]] == named
    assert all(name in problem["detail"] for name in named)


def test_a_request_that_is_no_object_is_refused(handler):
    assert handler(http_event(["https://a/b"]))["statusCode"] == 400


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("{server}/status/404", 400),
        ("{server}/text", 400),
        ("{server}/status/503", 502),
        ("http://169.254.169.254/latest", 400),
        ("file:///etc/passwd", 400),
        ("s3://bucket/key", 400),
        ("data:image/png;base64,AAAA", 400),
    ],
)
def test_a_caller_is_told_why_an_image_could_not_be_had(handler, server, url, status):
    answer = handler(http_event({"url": url.format(server=server)}))
    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["detail"]


def test_data_urls_work_where_they_are_allowed(environment):
    environment.setenv("HEADRACE_IMAGE_ALLOW_DATA", "true")
    url = "data:image/png;base64," + base64.b64encode(image_file(128)).decode()
    body = json.loads(lambda_handler(ObjectDetector)({"url": url})["body"])
    assert body["detection_scores"][0] == pytest.approx(0.9 * 128 / 255)
