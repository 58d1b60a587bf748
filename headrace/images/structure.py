"""What an image file is made of, told before a decoder believes it.

Parts are cheap to write and dear to read. A scan of a progressive JPEG can be a dozen bytes long
and still cost a pass over every pixel: ten megabytes of them keep a processor busy for hours. A
million tiny metadata parts become a million Python objects. Encoders write some ten scans, and
parts by the dozen or, where they cut the pixels up, by the thousand.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from headrace.images.error import ImageError

MAX_SCANS = 50
MAX_PARTS = 20_000
_SCAN = b"\xda"
_END_OF_IMAGE = b"\xd9"
# 00 and FF make no marker; 01 and D0 to D7 have no content to skip. As libjpeg reads it.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)


def check(kind: str, data: bytes) -> None:
    """Refuse files that end early and files that are bombs by their structure.

    WebP needs none of it: its library goes through the whole file before it decodes anything.

    Args:
        kind: "JPEG", "PNG", "GIF" or "WEBP".
        data: The file.

    Raises:
        ImageError: with the kind "truncated" or "decode".
    """
    if kind == "WEBP":
        return
    walk = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif}[kind]
    parts = Counter(islice(walk(data), MAX_PARTS + 1))
    if parts.total() > MAX_PARTS:
        raise ImageError("decode", f"the image file has more than {MAX_PARTS} parts")
    if kind == "JPEG" and parts[_SCAN] > MAX_SCANS:
        raise ImageError("decode", f"the JPEG file has more than {MAX_SCANS} scans")
    complete = {
        "JPEG": _END_OF_IMAGE in parts,
        "PNG": b"IEND" in parts,
        "GIF": data.rstrip(b"\x00").endswith(b";"),
    }[kind]
    if not complete:
        raise ImageError("truncated", "the image file is not complete")


def _jpeg(data: bytes) -> Iterator[bytes]:
    """Yield the second byte of each marker up to the end of the image, metadata aside."""
    position = 2
    while found := _MARKER.search(data, position):
        yield found[1]
        if found[1] == _END_OF_IMAGE:
            return
        position = found.end() + int.from_bytes(data[found.end() : found.end() + 2])


def _png(data: bytes) -> Iterator[bytes]:
    """Yield the type of every complete chunk."""
    position = 8
    while (end := position + 12 + int.from_bytes(data[position : position + 4])) <= len(data):
        yield data[position + 4 : position + 8]
        position = end


def _gif(data: bytes) -> Iterator[bytes]:
    """Yield the first byte of each block and the size of each sub-block before the first frame."""
    flags = data[10] if len(data) > 10 else 0
    position = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    while (block := data[position : position + 1]) not in (b"", b",", b";"):
        yield block
        position += 1
        if block == b"!":
            position += 1
            while size := int.from_bytes(data[position : position + 1]):
                yield data[position : position + 1]
                position += 1 + size
            position += 1
