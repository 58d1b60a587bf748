"""The user's pictures, read by the decoder that serves: training sees what serving sees."""

import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from headrace.errors import HeadraceError
from headrace.images import ImageError, decode

MAX_PIXELS = 400_000_000  # the user's own pictures: only nonsense is larger

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_ORIENTATION = 0x0112  # in EXIF
_TURNED = range(5, 9)  # orientations that exchange height and width


class DatasetError(HeadraceError):
    """The data set cannot be read; the message names the file and what is wrong with it."""


def read_picture(path: Path, size: tuple[int, int]) -> Image.Image:
    """Decode a picture, upright, in mode RGB.

    Args:
        path: The file.
        size: Height and width that its annotations speak of.

    Raises:
        DatasetError: It cannot be decoded, or has another size; names the file.
    """
    try:
        image = decode(path.read_bytes(), max_pixels=MAX_PIXELS)
    except (ImageError, OSError) as error:
        raise DatasetError(f"{path}: {error}") from error
    check_size(path, (image.height, image.width), size)
    return image


def upright_size(path: Path) -> tuple[int, int]:
    """Return height and width of a picture after turning, without decoding it.

    Raises:
        DatasetError: It is of a kind that the detector does not take; names the file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata, and of sizes: judged when it is decoded
            with Image.open(path, formats=_FORMATS) as image:
                turned = image.getexif().get(_ORIENTATION) in _TURNED
                return (image.width, image.height) if turned else (image.height, image.width)
    except UnidentifiedImageError:
        raise DatasetError(f"{path}: not a JPEG, PNG, WebP or GIF picture") from None
    except Exception as error:  # whatever damaged files do to Pillow
        raise DatasetError(f"{path}: {error}") from error


def check_size(path: Path, found: tuple[int, int], annotated: tuple[int, int]) -> None:
    """Refuse a picture whose annotations speak of another size: boxes would lie beside objects.

    Raises:
        DatasetError: Names the file and both sizes.
    """
    if found != annotated:
        turned = ", turned" if found == annotated[::-1] else ""
        raise DatasetError(
            f"{path}: annotated as {annotated[1]} x {annotated[0]}, but it is"
            f" {found[1]} x {found[0]}{turned}"
        )
