"""Hostile files, and the kind of error that each is refused with."""

from tests.support.images import files
from tests.support.images.cases.sound import GIF, JPEG, PNG, WEBP

_LARGE_PNG = files.png(5_000, 5_000, pixels=bytes(5_000 * 15_001))
_LATER_FRAME = b"," + bytes(9) + b"\2"
_COMMENT = b"!\xfe" + b"\x02ab" * 1_000_000 + b"\0"


FILES: dict[str, tuple[bytes, str]] = {
    # more pixels than anyone needs
    "png-huge": (files.png(2**31 - 1, 2**31 - 1), "pixels"),
    "png-65535": (files.png(65_535, 65_535), "pixels"),
    "png-just-over": (files.png(5_001, 5_000, pixels=bytes(5_000 * (3 * 5_001 + 1))), "pixels"),
    "png-long": (files.png(25_000_001, 1), "pixels"),
    "gif-huge": (files.gif((65_535, 65_535), (1, 1)), "pixels"),
    "gif-huge-frame": (files.gif((1, 1), (65_535, 65_535)), "pixels"),
    "gif-large-frame": (files.gif((1, 1), (6_000, 6_000)), "pixels"),
    "jpeg-huge": (files.jpeg_of_size(65_500, 65_500), "pixels"),
    "jpeg-large": (files.jpeg_of_size(10_000, 9_000), "pixels"),
    "webp-huge": (files.webp(16_383, 16_383), "pixels"),
    "webp-large": (files.webp(9_000, 9_000), "pixels"),
    # bombs of other kinds
    "jpeg-scans": (files.jpeg_of_scans(5_000), "decode"),
    "jpeg-segments": (JPEG[:2] + b"\xff\xfe\0\2" * 500_000 + JPEG[2:], "decode"),
    "png-chunks": (files.png(1, 1, files.chunk(b"prVt", b"") * 500_000), "decode"),
    "gif-comment": (files.gif((1, 1), (1, 1), _COMMENT), "decode"),
    "gif-tiny-blocks": (GIF[:-1] + _LATER_FRAME + b"\1a" * 4_000_000 + b"\0;", "decode"),
    # truncated
    "jpeg-half": (JPEG[: len(JPEG) // 2], "truncated"),
    "jpeg-large-cut": (files.jpeg_of_size(5_000, 5_000)[:-2], "truncated"),
    "jpeg-no-end": (JPEG[:-2], "truncated"),
    "jpeg-progressive-half": (
        files.encode(files.picture(), "JPEG", progressive=True)[:-200],
        "truncated",
    ),
    "jpeg-magic": (JPEG[:3], "truncated"),
    "png-half": (PNG[: len(PNG) // 2], "truncated"),
    "png-no-end": (PNG[:-1], "truncated"),
    "png-magic": (PNG[:8], "truncated"),
    "gif-half": (GIF[: len(GIF) // 2], "truncated"),
    "gif-no-end": (GIF[:-1], "truncated"),
    "gif-magic": (GIF[:6], "truncated"),
    "gif-animation-cut": (files.animation("GIF")[:-10], "truncated"),
    "webp-half": (WEBP[: len(WEBP) // 2], "decode"),
    "webp-no-end": (WEBP[:-1], "decode"),
    "webp-magic": (WEBP[:12], "decode"),
    "webp-animation-cut": (files.animation("WEBP")[:-10], "decode"),
    "apng-cut": (files.animation("PNG")[:-20], "truncated"),
    # damaged
    "png-empty-size": (files.png(0, 0), "decode"),
    "png-few-pixels": (files.png(5_000, 5_000, pixels=b""), "decode"),
    "png-large-wrong-end": (_LARGE_PNG[:-76] + b"U" * 60 + _LARGE_PNG[-16:], "decode"),
    "png-no-pixels": (files.PNG_MAGIC + files.chunk(b"IEND", b""), "decode"),
    "png-wrong-sum": (PNG.replace(PNG[29:33], b"\0\0\0\0", 1), "decode"),
    "jpeg-zeros": (JPEG[:20] + bytes(len(JPEG)), "truncated"),
    "webp-zeros": (WEBP[:20] + bytes(len(WEBP) - 20), "decode"),
    # mislabelled
    "jpeg-magic-png": (b"\xff\xd8\xff" + PNG, "truncated"),
    "png-magic-jpeg": (PNG[:8] + JPEG, "truncated"),
    "gif-magic-html": (b"GIF89a<script>;", "decode"),
    "riff-wav": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(20), "type"),
    "bmp": (files.encode(files.picture(), "BMP"), "type"),
    "tiff": (files.encode(files.picture(), "TIFF"), "type"),
    "ico": (files.encode(files.picture(), "ICO"), "type"),
    "ppm": (files.encode(files.picture(), "PPM"), "type"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "type"),
    "pdf": (b"%PDF-1.7\n", "type"),
    "svg": (b"<svg/>", "type"),
    "zip": (b"PK\x03\x04" + bytes(30), "type"),
    "avif": (b"\0\0\0\x20ftypavif" + bytes(20), "type"),
    "space-before": (b" " + JPEG, "type"),
    "empty": (b"", "type"),
}
