"""What the formats have in common: the essence of a file, and the bound on its parts."""

from typing import NamedTuple

from headrace.images.error import ImageError

MAX_PARTS = 20_000
"""Encoders write parts by the dozen or, if they cut the pixels up, by the thousand."""


class Essence(NamedTuple):
    """What of an image file makes the picture.

    Attributes:
        data: A file of the same format that holds the first frame, without metadata.
        exif: The EXIF block, with or without its prefix; empty if there is none.
        size: (width, height) of all that the frame covers, if the file's header does not say it.
    """

    data: bytes
    exif: bytes = b""
    size: tuple[int, int] | None = None


class PartCount:
    """Counts the parts of a file; a million tiny ones would take seconds to read."""

    def __init__(self) -> None:
        self._count = 0

    def add(self) -> None:
        """Count one part.

        Raises:
            ImageError: if there are too many.
        """
        self._count += 1
        if self._count > MAX_PARTS:
            raise ImageError("decode", f"the image file has more than {MAX_PARTS} parts")


def truncated() -> ImageError:
    """Return the error for a file that ends before its end mark."""
    return ImageError("truncated", "the image file is not complete")


def damaged() -> ImageError:
    """Return the error for a file that no decoder can read."""
    return ImageError("decode", "the image file is damaged")
