"""What is decoded, and to which pixels; what is refused is in test_hostile.py."""

import io
import struct
import time
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageOps

from headrace.images import ImageError, decode
from tests.support.images.cases import METADATA
from tests.support.images.files import animation, encode, picture, png

MAX_PIXELS = 25_000_000


def _pixels(data: bytes, **options: object) -> np.ndarray:
    image = decode(data, max_pixels=MAX_PIXELS, **options)
    assert image.mode == "RGB"
    return np.asarray(image)


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("JPEG", {"quality": 95}, 3),
        ("JPEG", {"quality": 95, "progressive": True}, 3),
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 4),
        ("GIF", {}, 12),
    ],
)
def test_four_formats_are_decoded(kind: str, options: dict[str, object], tolerance: float):
    data = encode(picture(), kind, **options)

    pixels = _pixels(data)

    assert pixels.dtype == np.uint8
    assert pixels.shape == (64, 96, 3)
    assert _difference(pixels, np.asarray(picture())) <= tolerance


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_first_frame_of_an_animation_is_taken(kind: str):
    pixels = _pixels(animation(kind))

    assert pixels.shape == (30, 40, 3)
    assert (pixels == (255, 0, 0)).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_turned_as_its_orientation_says(kind: str, orientation: int):
    """The stored picture is turned by Pillow's own rule, as a reference of its own."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = picture()
    data = encode(stored, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    stored.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(stored))

    assert _difference(_pixels(data), expected) < 6


def test_turned_picture_is_not_turned_again_by_the_caller():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = decode(encode(picture(), "JPEG", exif=exif), max_pixels=MAX_PIXELS)

    assert image.size == (64, 96)
    assert ImageOps.exif_transpose(image).size == (64, 96)


@pytest.mark.parametrize("name", METADATA)
def test_metadata_change_neither_the_pixels_nor_the_log(name: str, recwarn, capfd):
    """A text warning among the JSON lines of a log would break whoever reads them."""
    kind = name.partition("-")[0].upper()
    plain = encode(picture(), kind, **({"lossless": True} if name == "webp-exif" else {}))

    assert (_pixels(METADATA[name]) == _pixels(plain)).all()
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


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


def test_an_exif_block_in_thousands_of_segments_takes_no_time():
    plain, exif = encode(picture(), "JPEG"), b"Exif\0\0" + bytes(514)
    segment = b"\xff\xe1" + (2 + len(exif)).to_bytes(2) + exif
    begun = time.process_time()
    assert _pixels(plain[:2] + segment * 19_000 + plain[2:]).shape == (64, 96, 3)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_hint_changes_nothing_where_the_format_cannot(kind: str):
    assert _pixels(encode(picture(), kind), size_hint=(10, 10)).shape == (64, 96, 3)


def test_reduced_scale_shows_the_same_picture():
    data = encode(picture(1600, 1200), "JPEG", quality=90)
    size = (320, 240)

    def to_input(image: Image.Image) -> np.ndarray:
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR))

    full = to_input(decode(data, max_pixels=MAX_PIXELS))
    reduced = to_input(decode(data, max_pixels=MAX_PIXELS, size_hint=size))

    assert _difference(full, reduced) < 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "RGB"])
def test_every_mode_becomes_rgb(mode: str):
    grey = picture().convert("L")
    if mode == "I;16":
        stored = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        stored = (picture() if mode in {"P", "RGBA", "CMYK", "RGB"} else grey).convert(mode)
    expected = {"1": None, "P": None, "RGBA": picture(), "CMYK": picture(), "RGB": picture()}

    pixels = _pixels(encode(stored, "JPEG" if mode == "CMYK" else "PNG"))

    reference = expected.get(mode, grey) or stored
    assert _difference(pixels, np.asarray(reference.convert("RGB"))) < 3


def test_palette_with_transparency_keeps_its_colours():
    stored = Image.new("P", (4, 4), 1)
    stored.putpalette([0, 0, 0, 10, 200, 30])

    pixels = _pixels(encode(stored, "PNG", transparency=b"\x80\x40"))

    assert (pixels == (10, 200, 30)).all()


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
    _pixels(encode(picture(), "PNG"))

    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("options", [{}, {"transparency": 0}])
def test_frame_of_a_gif_that_covers_a_part_of_the_screen_is_drawn_as_pillow_does(
    options: dict[str, int],
):
    stored = bytearray(encode(picture(8, 8), "GIF", **options))
    stored[6:10] = struct.pack("<HH", 96, 64)
    with Image.open(io.BytesIO(stored)) as reference:
        reference.load()
        reference.info.pop("transparency", None)
        expected = np.asarray(reference.convert("RGB"))

    assert (_pixels(bytes(stored)) == expected).all()


def test_refusal_keeps_nothing_of_the_picture_alive():
    data = png(500, 500, pixels=b"")

    with pytest.raises(ImageError) as caught:
        decode(data, max_pixels=MAX_PIXELS)

    assert caught.value.__context__ is None


def test_damaged_byte_yields_pixels_or_the_one_error():
    generator = np.random.default_rng(7)
    refused = 0
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        sound = encode(picture(24, 16), kind)
        for position in generator.integers(0, len(sound), 150):
            data = bytearray(sound)
            data[position] ^= int(generator.integers(1, 256))
            with suppress(ImageError):
                decode(bytes(data), max_pixels=10_000)
                continue
            refused += 1

    assert 50 < refused < 550
