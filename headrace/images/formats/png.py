"""PNG: chunks with a type and a checksum."""

import zlib

from headrace.images.formats.parts import Essence, PartCount, truncated

_MAGIC_LENGTH = 8
_ANCILLARY = 0x20  # a small first letter: the pixels can be made without the chunk


def essence(data: bytes) -> Essence:
    """Return the file's critical chunks: header, palette, pixels, end.

    Of an animated PNG that is the first frame, or the picture for those who cannot animate.

    Raises:
        ImageError: if the file ends early, or has too many chunks.
    """
    parts, exif = PartCount(), b""
    view, kept = memoryview(data), [memoryview(data)[:_MAGIC_LENGTH]]
    position = _MAGIC_LENGTH
    while (end := position + 12 + int.from_bytes(data[position : position + 4])) <= len(data):
        parts.add()
        kind = data[position + 4 : position + 8]
        if not kind[0] & _ANCILLARY:
            kept.append(view[position:end])
        elif kind == b"eXIf" and _is_sound(view[position:end]):
            exif = data[position + 8 : end - 4]
        if kind == b"IEND":
            return Essence(b"".join(kept), exif)
        position = end
    raise truncated()


def _is_sound(chunk: memoryview) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:])
