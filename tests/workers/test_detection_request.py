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
