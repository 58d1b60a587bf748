"""From the bytes of a file to pixels, by Pillow, after what Pillow would believe was checked."""

import io
import re
import warnings
from functools import cache
from typing import TYPE_CHECKING

from headrace.errors import SettingsError
from headrace.images.error import ImageError
from headrace.images.structure import check

if TYPE_CHECKING:
    from PIL.Image import Image

_MAGIC = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WEBP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_ORIENTATION = 0x0112


def decode(data: bytes, *, max_pixels: int, size_hint: tuple[int, int] | None = None) -> "Image":
    """Decode a JPEG, PNG, WebP or GIF file (of an animation, the first frame).

    The format is told by the file's first bytes alone. The pixels are turned as the EXIF
    orientation says; an alpha channel is dropped, 16-bit grey is scaled to 8.

    Args:
        data: The file.
        max_pixels: The largest width times height; checked before anything is decoded.
        size_hint: (width, height) in pixels, after turning, that the caller will scale to.
            A JPEG is then decoded at 1/2, 1/4 or 1/8 of its size, never below the hint: several
            times faster.

    Returns:
        An image in mode RGB; `numpy.asarray` of it is uint8 [height, width, 3].

    Raises:
        ImageError: if the file is of another kind, too large, incomplete or damaged.
        SettingsError: if Pillow is not installed.
    """
    kind = _kind(data)
    check(kind, data)
    _set_pillow_up()
    try:
        return _decode(data, kind, max_pixels, size_hint)
    except ImageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever damaged files do to a decoder
        is_bomb = "DecompressionBomb" in type(error).__name__
    # Raised out here, the refusal does not keep the other error's half-made picture alive.
    if is_bomb:
        raise _too_many_pixels(max_pixels)
    raise ImageError("decode", "the image file is damaged")


def _kind(data: bytes) -> str:
    for kind, magic in _MAGIC.items():
        if magic.match(data):
            return kind
    raise ImageError("type", "the file is not a JPEG, PNG, WebP or GIF image")


def _decode(data: bytes, kind: str, max_pixels: int, size_hint: tuple[int, int] | None) -> "Image":
    from PIL import Image  # noqa: PLC0415 - keeps the import of this module cheap

    image: Image.Image = Image.open(io.BytesIO(data), formats=(kind,))
    if image.width * image.height > max_pixels:
        raise _too_many_pixels(max_pixels)
    if size_hint and kind == "JPEG":
        image.draft("RGB", size_hint[::-1] if _orientation(image) >= 5 else size_hint)
    image.load()  # before the metadata of a PNG are asked for, which loads it and may hide an error
    rgb = _rgb(image)
    turn = (
        None,
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    )[_orientation(image) - 1]
    rgb = rgb if turn is None else rgb.transpose(turn)
    rgb.info.clear()  # or the next reader of the orientation turns it once more
    return rgb


@cache
def _set_pillow_up() -> None:
    try:
        from PIL import Image  # noqa: PLC0415
    except ModuleNotFoundError:
        message = "decoding images needs Pillow: pip install 'headrace[images]'"
        raise SettingsError(message) from None
    # Process-wide, as the filters are: a bomb is never a mere warning where this module is used.
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def _orientation(image: "Image") -> int:
    try:
        value = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - damaged metadata is no reason to refuse sound pixels
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _rgb(image: "Image") -> "Image":
    if image.mode == "RGB":  # convert() would copy up to 100 MB
        return image
    image.info.pop("transparency", None)
    if image.mode.startswith("I"):  # convert() would clip 16 bits at 255
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGB")


def _too_many_pixels(max_pixels: int) -> ImageError:
    return ImageError("pixels", f"the image has more than {max_pixels} pixels")
