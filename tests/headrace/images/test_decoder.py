"""What is decoded, and to which pixels; what is refused is in test_hostile.py."""

import io
import struct
import time
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageOps

from headrace.images import ImageError, decode
from tests.support.images.cases.metadata import METADATA
from tests.support.images.files import animation, encode, picture, png
from tests.support.images.pixels import MAX_PIXELS, difference, pixels_of


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

    pixels = pixels_of(data)

    assert pixels.dtype == np.uint8
    assert pixels.shape == (64, 96, 3)
    assert difference(pixels, np.asarray(picture())) <= tolerance


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_first_frame_of_an_animation_is_taken(kind: str):
    pixels = pixels_of(animation(kind))

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

    assert difference(pixels_of(data), expected) < 6


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

    assert (pixels_of(METADATA[name]) == pixels_of(plain)).all()
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_an_exif_block_in_thousands_of_segments_takes_no_time():
    plain, exif = encode(picture(), "JPEG"), b"Exif\0\0" + bytes(514)
    segment = b"\xff\xe1" + (2 + len(exif)).to_bytes(2) + exif
    begun = time.process_time()
    assert pixels_of(plain[:2] + segment * 19_000 + plain[2:]).shape == (64, 96, 3)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "RGB"])
def test_every_mode_becomes_rgb(mode: str):
    grey = picture().convert("L")
    if mode == "I;16":
        stored = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        stored = (picture() if mode in {"P", "RGBA", "CMYK", "RGB"} else grey).convert(mode)
    expected = {"1": None, "P": None, "RGBA": picture(), "CMYK": picture(), "RGB": picture()}

    pixels = pixels_of(encode(stored, "JPEG" if mode == "CMYK" else "PNG"))

    reference = expected.get(mode, grey) or stored
    assert difference(pixels, np.asarray(reference.convert("RGB"))) < 3


def test_palette_with_transparency_keeps_its_colours():
    stored = Image.new("P", (4, 4), 1)
    stored.putpalette([0, 0, 0, 10, 200, 30])

    pixels = pixels_of(encode(stored, "PNG", transparency=b"\x80\x40"))

    assert (pixels == (10, 200, 30)).all()


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

    assert (pixels_of(bytes(stored)) == expected).all()


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
