"""What the detector is asked, before anything is fetched."""

import io

import pytest
from PIL import Image

from headrace.errors import Reject
from headrace.testing import http_record
from workers.detection_request import read_request


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "application/json"])
def test_a_picture_that_is_not_said_to_be_one_is_told_from_text(kind, media_type):
    """As `curl --data-binary @cat.jpg` sends it."""
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, kind)
    record = http_record(file.getvalue(), headers={"content-type": media_type})
    with pytest.raises(Reject, match="this is a picture itself: over HTTP, send it with its type"):
        read_request(record)


@pytest.mark.parametrize(
    ("text", "score"), [(".5", 0.5), ("1", 1), ("5e-1", 0.5), ("+0.5", 0.5), ("0.", 0)]
)
def test_a_score_has_every_form_of_a_number(text, score):
    assert asked(query={"min_score": text}).min_score == score


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        *(("min_score", text, "a number from 0 to 1") for text in ("50 %", "-1", "0,5", "nan", "")),
        *(("max_detections", text, "an integer from 1 on") for text in ("0", "many", "1.5", "")),
        *(("draw", text, "true or false") for text in ("yes", "")),
        *(("classes", text, "names with commas") for text in ("", " ")),
    ],
)
def test_a_text_that_is_wrong_is_told_what_is_expected(name, text, expected):
    with pytest.raises(Reject, match=name) as caught:
        asked(query={name: text})
    (error,) = caught.value.errors
    assert error["field"] == name
    assert expected in error["detail"]


def test_spaces_beside_commas_are_no_part_of_a_name():
    assert asked(query={"classes": "cat, coffee cup ,dog"}).classes == {"cat", "coffee cup", "dog"}


def test_the_query_asks_about_a_url_too():
    question = asked(b'{"url": "https://a/b", "min_score": 0.9}', {"min_score": "0.1", "draw": "1"})
    assert (question.min_score, question.draw) == (0.9, True)
    assert asked(b'{"url": "https://a/b"}', {"of": "a newsletter"}).draw is False
    with pytest.raises(Reject, match=r"wrong: size, draw$"):
        asked(b'{"url": "https://a/b", "size": 7}', {"draw": "nonsense"})


def asked(body=b"picture", query=None):
    kind = "image/png" if body == b"picture" else "application/json"
    return read_request(http_record(body, headers={"content-type": kind}, query=query)).question
