"""JPEG: segments behind markers, and scans of entropy-coded pixels."""

import re

from headrace.images.error import ImageError
from headrace.images.formats.parts import Essence, PartCount, truncated

MAX_SCANS = 50
"""Encoders write some ten."""

# 00 and FF make no marker; 01 and D0 to D7 have no content to skip. As libjpeg reads it.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)
_END_OF_IMAGE = 0xD9
_START_OF_SCAN = 0xDA
_EXIF = (0xE1, b"Exif\0\0")
_COMMENT = 0xFE
_APPLICATION = range(0xE0, 0xF0)
# Two application segments say how colours are stored. A shorter one is ignored by libjpeg, too.
_COLOURS = ((0xE0, b"JFIF\0", 14), (0xEE, b"Adobe", 12))


def essence(data: bytes) -> Essence:
    """Return the file without metadata, which all stands before the first scan.

    Raises:
        ImageError: if the file ends early, or has too many parts or scans.
    """
    parts, scans = PartCount(), 0
    exif: list[bytes] = []  # a long block comes in several segments
    view, kept = memoryview(data), []
    kept_from, position = 0, 2
    while found := _MARKER.search(data, position):
        parts.add()
        marker, start = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            kept.append(view[kept_from:start])
            return Essence(b"".join(kept), b"".join(exif))
        position = start + int.from_bytes(data[start : start + 2])
        if marker == _START_OF_SCAN:
            scans += 1
            if scans > MAX_SCANS:
                raise ImageError("decode", f"the JPEG file has more than {MAX_SCANS} scans")
        elif not scans and _is_metadata(marker, content := data[start + 2 : position]):
            kept.append(view[kept_from : found.start()])
            kept_from = position
            if (marker, content[:6]) == _EXIF:
                exif.append(content[6:])
    raise truncated()


def _is_metadata(marker: int, content: bytes) -> bool:
    for colours, name, least in _COLOURS:
        if marker == colours and content.startswith(name) and len(content) >= least:
            return False
    return marker == _COMMENT or marker in _APPLICATION
