"""From the bytes of a file to pixels, by Pillow, which sees only what the pixels need."""

import io
import re
from importlib import import_module
from typing import TYPE_CHECKING, cast

from headrace.extras import needs
from headrace.images.error import ImageError
from headrace.images.formats import gif, jpeg, png, webp
from headrace.images.formats.parts import Essence, damaged
from headrace.images.orientation import orientation

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_MAGIC = {
    "Jpeg": re.compile(rb"\xff\xd8\xff"),
    "Png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "Gif": re.compile(rb"GIF8[79]a"),
    "WebP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_FORMATS = {"Jpeg": jpeg, "Png": png, "Gif": gif, "WebP": webp}


def decode(data: bytes, *, max_pixels: int, size_hint: tuple[int, int] | None = None) -> "Image":
    """Decode a JPEG, PNG, WebP or GIF file (of an animation, the first frame).

    The format is told by the file's first bytes alone. The pixels are turned as the EXIF
    orientation says; an alpha channel is dropped, 16-bit grey is scaled to 8. Metadata, sound or
    damaged, do not matter.

    Args:
        data: The file.
        max_pixels: The largest width times height; checked before anything is decoded. It alone
            decides: Pillow's own limit is raised to it if that is lower.
        size_hint: (width, height) in pixels, after turning, that the caller will scale to.
            A JPEG is then decoded at 1/2, 1/4 or 1/8 of its size, never below the hint: several
            times faster.

    Returns:
        An image in mode RGB; `numpy.asarray` of it is uint8 [height, width, 3].

    Raises:
        ImageError: if the file is of another kind, too large, incomplete or damaged.
        HeadraceError: if Pillow is not installed.
    """
    kind = _kind(data)
    _allow(max_pixels)
    essence = _FORMATS[kind].essence(data)
    try:
        return _decode(kind, essence, max_pixels, size_hint)
    except ImageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever damaged files do to a decoder
        is_bomb = type(error).__name__ == "DecompressionBombError"
    # Raised out here, the refusal does not keep the other error's half-made picture alive.
    raise _too_many_pixels(max_pixels) if is_bomb else damaged()


def is_image(data: bytes) -> bool:
    """Tell whether a file begins as one that `decode` reads."""
    return any(magic.match(data) for magic in _MAGIC.values())


def _kind(data: bytes) -> str:
    for kind, magic in _MAGIC.items():
        if magic.match(data):
            return kind
    what = "not a JPEG, PNG, WebP or GIF image" if data else "empty"
    raise ImageError("type", f"the file is {what}")


def _allow(max_pixels: int) -> None:
    """Raise Pillow's limit, which holds for the whole process, to what the caller allows."""
    try:
        from PIL import Image  # noqa: PLC0415 - keeps the import of this module cheap
    except ModuleNotFoundError as error:
        raise needs("images", error) from None
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def _decode(
    kind: str, essence: Essence, max_pixels: int, size_hint: tuple[int, int] | None
) -> "Image":
    if essence.size:
        _check_size(essence.size, max_pixels)
    image = _open(kind, essence.data)
    _check_size(image.size, max_pixels)
    turned = orientation(essence.exif)
    if size_hint and kind == "Jpeg":
        image.draft("RGB", size_hint[::-1] if turned >= 5 else size_hint)
    image.load()
    rgb = _turn(_rgb(image), turned)
    rgb.info.clear()  # what it says may be of the file, not of these pixels
    return rgb


def _open(kind: str, data: bytes) -> "ImageFile":
    # Not Image.open: that would import every format, and warn of many pixels as text.
    plugin = import_module(f"PIL.{kind}ImagePlugin")
    return cast("ImageFile", getattr(plugin, f"{kind}ImageFile")(io.BytesIO(data)))


def _rgb(image: "Image") -> "Image":
    if image.mode == "RGB":  # convert() would copy up to 100 MB
        return image
    image.info.pop("transparency", None)
    if image.mode.startswith("I"):  # convert() would clip 16 bits at 255
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGB")


def _turn(image: "Image", orientation: int) -> "Image":
    from PIL.Image import Transpose  # noqa: PLC0415

    turn = (
        None,
        Transpose.FLIP_LEFT_RIGHT,
        Transpose.ROTATE_180,
        Transpose.FLIP_TOP_BOTTOM,
        Transpose.TRANSPOSE,
        Transpose.ROTATE_270,
        Transpose.TRANSVERSE,
        Transpose.ROTATE_90,
    )[orientation - 1]
    return image if turn is None else image.transpose(turn)


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise _too_many_pixels(max_pixels)


def _too_many_pixels(max_pixels: int) -> ImageError:
    return ImageError("pixels", f"the image has more than {max_pixels} pixels")
