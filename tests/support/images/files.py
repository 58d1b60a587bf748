"""Image files, sound and hostile, made on the spot."""

import io
import re
import struct
import zlib

import numpy as np
from PIL import Image

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """A smooth picture that no turn or flip maps to itself."""
    y, x = np.mgrid[0:height, 0:width]
    red = 255 * x / width
    green = 255 * y / height
    blue = 255 * (x + 3 * y > width)
    return Image.fromarray(np.stack([red, green, blue], axis=-1).astype(np.uint8))


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def animation(kind: str) -> bytes:
    """Three frames, the first of them red."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def compressed(data: bytes, wbits: int = zlib.MAX_WBITS) -> bytes:
    """As small as zlib makes zeros, in half of its time: it looks for runs alone."""
    squeezing = zlib.compressobj(wbits=wbits, strategy=zlib.Z_RLE)
    return squeezing.compress(data) + squeezing.flush()


def png(width: int, height: int, *extra: bytes, pixels: bytes = b"\0" * 64) -> bytes:
    """A PNG that claims a size; what is inside may be something else."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", compressed(pixels))
    return PNG_MAGIC + header + b"".join(extra) + body + chunk(b"IEND", b"")


PNG_ANCILLARY = (
    *(b"tRNS", b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"tIME"),
    *(b"iCCP", b"zTXt", b"iTXt", b"fcTL", b"prVt"),
)


def png_with(*extra: bytes) -> bytes:
    """A sound PNG with chunks before its pixels."""
    sound = encode(picture(), "PNG")
    return sound[:33] + b"".join(extra) + sound[33:]


def jpeg_with(marker: int, content: bytes) -> bytes:
    """A sound JPEG with one segment more at its beginning."""
    sound = encode(picture(), "JPEG")
    return sound[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + sound[2:]


def gif_with(block: bytes) -> bytes:
    """A sound GIF with a block before its frame."""
    sound = encode(picture(), "GIF")
    screen = 13 + (3 << ((sound[10] & 7) + 1))
    return sound[:screen] + block + sound[screen:]


def gif(screen: tuple[int, int], frame: tuple[int, int], extra: bytes = b"") -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    image = b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\x00"
    return head + extra + image + b";"


def webp(width: int, height: int) -> bytes:
    """An animated WebP that claims a canvas and holds one tiny frame."""
    small = encode(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size
    control = b"ANIM" + struct.pack("<I", 6) + bytes(6)
    frame = bytes(16) + small
    body = b"WEBP" + extended + control + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG whose header was rewritten to claim a size."""
    data = bytearray(encode(picture(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_of_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan was repeated."""
    data = encode(picture(), "JPEG", progressive=True)
    starts = [found.start() for found in re.finditer(rb"\xff\xda", data)]
    last = data[starts[-1] : -2]
    return data[:-2] + last * (count - len(starts)) + data[-2:]
