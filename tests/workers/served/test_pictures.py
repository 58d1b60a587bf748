"""The detector takes a picture itself: as the body, or in a form."""

import base64
import io

import pytest
from PIL import Image

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def picture(kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "white").save(file, kind)
    return file.getvalue()


def ask(served, body, content_type, query=""):
    headers = {"content-type": content_type}
    return served.request("POST", f"/detect{query}", body=body, headers=headers)


@pytest.mark.parametrize("content_type", FORMATS)
def test_as_the_body(served, content_type):
    answer = ask(served, picture(FORMATS[content_type]), content_type)
    assert answer.json()["detection_class_entities"] == ["cat", "dog"]
    assert "inference;dur=" in answer.headers["server-timing"]
    assert len(answer.headers["headrace-model"]) == 64


def test_what_is_asked_about_it_stands_in_the_query(served):
    query = "?classes=dog,cow&min_score=0.1&max_detections=5"
    answer = ask(served, picture(), "image/png", query)
    assert answer.json()["detection_class_entities"] == ["dog"]


def test_in_a_form(served):
    fields = {"image": ("white.png", picture(), "image/png"), "draw": "true"}
    answer = served.request("POST", "/detect", fields=fields)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert drawn.size == (32, 24)


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_form_s_bytes_arrive_as_they_are(served, size):
    """Line ends, boundaries cut short and zeros are all no end of a file."""
    noise = (b"\r\n--x\r\n\0\xff\r" * size)[:size]
    fields = {"image": ("a.png", picture() + noise, "image/png")}
    answer = served.request("POST", "/detect?picture=true", fields=fields)
    assert answer.status == 200
    file = base64.b64decode(answer.json()["picture"].removeprefix("data:image/jpeg;base64,"))
    with Image.open(io.BytesIO(file)) as image:
        assert (image.size, image.format) == ((32, 24), "JPEG")


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"draw": "true"}, "the form holds 0 files"),
        ({"a": ("a.png", b"1"), "b": ("b.png", b"2")}, "the form holds 2 files"),
        ({"a": ("a.png", b"1"), "size": "7"}, "size"),
        ({"a": ("a.png", b"1"), "min_score": "high"}, "min_score"),
        ({"a": ("a.png", b"1")}, "image"),
    ],
)
def test_a_form_that_is_wrong_is_refused(served, fields, detail):
    answer = served.request("POST", "/detect", fields=fields)
    assert answer.status == 400
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=x", "image/png"]
)
@pytest.mark.parametrize("body", [b"", b"--x\r\n", b"\0" * 100, b"--x\r\nA: b\r\n\r\n"])
def test_what_is_no_form_and_no_picture_is_refused(served, content_type, body):
    answer = ask(served, body, content_type)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")


def test_a_url_still_is(served):
    url = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    answer = served.request("POST", "/detect", json={"url": url})
    assert answer.json()["detection_class_entities"] == ["cat", "dog"]
