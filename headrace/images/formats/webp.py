"""WebP: a RIFF container. libwebp checks all of it before it decodes, and skips metadata."""

from headrace.images.formats.parts import Essence, PartCount

_FIRST_CHUNK = 12


def essence(data: bytes) -> Essence:
    """Return the file as it is, and its EXIF block.

    Raises:
        ImageError: if it has too many chunks.
    """
    parts, position = PartCount(), _FIRST_CHUNK
    while position + 8 <= len(data):
        parts.add()
        start = position + 8
        length = int.from_bytes(data[position + 4 : start], "little")
        if data[position : position + 4] == b"EXIF":
            return Essence(data, data[start : start + length])
        position = start + length + length % 2
    return Essence(data)
