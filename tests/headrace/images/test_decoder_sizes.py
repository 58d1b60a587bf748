"""How large a picture is decoded: no larger than needed, nor than allowed."""

import numpy as np
import pytest
from PIL import Image

from headrace.images import ImageError, decode
from tests.support.images.files import encode, picture
from tests.support.images.pixels import MAX_PIXELS, difference, pixels_of


@pytest.mark.parametrize(
    ("orientation", "hint", "size"),
    [
        (1, None, (1600, 1200)),
        (1, (1600, 1200), (1600, 1200)),
        (1, (801, 600), (1600, 1200)),
        (1, (800, 600), (800, 600)),
        (1, (320, 320), (800, 600)),
        (1, (200, 150), (200, 150)),
        (1, (10, 10), (200, 150)),
        (1, (5000, 5000), (1600, 1200)),
        (6, (600, 800), (600, 800)),
        (6, (800, 600), (1200, 1600)),
    ],
)
def test_jpeg_is_decoded_no_larger_than_needed_and_no_smaller(
    orientation: int, hint: tuple[int, int] | None, size: tuple[int, int]
):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(picture(1600, 1200), "JPEG", exif=exif)

    image = decode(data, max_pixels=MAX_PIXELS, size_hint=hint)

    assert image.size == size


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_hint_changes_nothing_where_the_format_cannot(kind: str):
    assert pixels_of(encode(picture(), kind), size_hint=(10, 10)).shape == (64, 96, 3)


def test_reduced_scale_shows_the_same_picture():
    data = encode(picture(1600, 1200), "JPEG", quality=90)
    size = (320, 240)

    def to_input(image: Image.Image) -> np.ndarray:
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR))

    full = to_input(decode(data, max_pixels=MAX_PIXELS))
    reduced = to_input(decode(data, max_pixels=MAX_PIXELS, size_hint=size))

    assert difference(full, reduced) < 2


@pytest.mark.parametrize(("limit", "refused"), [(64 * 96, False), (64 * 96 - 1, True)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_limit_of_pixels_is_exact(kind: str, limit: int, refused: bool):
    data = encode(picture(), kind)

    if not refused:
        assert decode(data, max_pixels=limit).size == (96, 64)
        return
    with pytest.raises(ImageError) as caught:
        decode(data, max_pixels=limit, size_hint=(1, 1))
    assert caught.value.kind == "pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_our_own_limit_of_pixels_decides_alone(kind: str, monkeypatch: pytest.MonkeyPatch):
    """Pillow's is 89 million pixels; here a thousand, so that the test stays small."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)

    assert decode(encode(picture(), kind), max_pixels=64 * 96).size == (96, 64)


def test_a_limit_below_pillow_s_leaves_pillow_s_as_it_is():
    before = Image.MAX_IMAGE_PIXELS
    pixels_of(encode(picture(), "PNG"))

    assert before == Image.MAX_IMAGE_PIXELS
