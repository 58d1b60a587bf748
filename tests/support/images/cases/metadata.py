"""Sound pictures with hostile metadata."""

from tests.support.images import files
from tests.support.images.cases.sound import GIF, JPEG, WEBP

_ZEROS = files.compressed(bytes(50_000_000))
_CONTROL = files.chunk(b"acTL", b"\0\0\0\1\0\0\0\0")
_FAR_FRAME = files.chunk(b"fcTL", bytes(4) + b"\0\0\xff\xff\0\0\xff\xff" + bytes(14))
_EXIF_ENTRY = b"II*\0\x08\0\0\0\x01\0"


# Sound pictures of 96 x 64 whose metadata are huge, damaged or strange.
METADATA: dict[str, bytes] = {
    "png-text": files.png_with(files.chunk(b"zTXt", b"a\0\0" + _ZEROS)),
    "png-long-text": files.png_with(files.chunk(b"tEXt", b"a\0" + b"x" * 1_500_000)),
    "png-other-text": files.png_with(files.chunk(b"iTXt", b"a\0\1\0\0\0" + _ZEROS)),
    "png-profile": files.png_with(files.chunk(b"iCCP", b"a\0\0" + _ZEROS)),
    "png-profile-nonsense": files.png_with(files.chunk(b"iCCP", b"a\0\0nonsense")),
    "png-wrong-sum": files.png_with(files.chunk(b"tEXt", b"a\0b")[:-4] + b"\0\0\0\0"),
    "png-short": b"".join(
        [files.png_with(*(files.chunk(name, b"\1") for name in files.PNG_ANCILLARY))]
    ),
    "png-exif-wrong-sum": files.png_with(files.chunk(b"eXIf", _EXIF_ENTRY)[:-4] + b"\0\0\0\0"),
    "png-exif": files.png_with(files.chunk(b"eXIf", _EXIF_ENTRY)),
    "png-far-frame": files.png_with(_CONTROL, _FAR_FRAME),
    "png-bad-animation": files.png_with(files.chunk(b"acTL", bytes(8)), _CONTROL, _CONTROL),
    "jpeg-exif-cut": files.jpeg_with(0xE1, b"Exif\0\0" + _EXIF_ENTRY),
    "jpeg-exif-nonsense": files.jpeg_with(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
    "jpeg-exif-endless": files.jpeg_with(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff"),
    "jpeg-exif-empty": files.jpeg_with(0xE1, b"Exif\0\0"),
    "jpeg-profile-short": files.jpeg_with(0xE2, b"ICC_PROFILE\0"),
    "jpeg-pictures": files.jpeg_with(0xE2, b"MPF\0II*\0nonsense"),
    "jpeg-photoshop": files.jpeg_with(0xED, b"Photoshop 3.0\x008BIM"),
    "jpeg-jfif-short": files.jpeg_with(0xE0, b"JFIF"),
    "jpeg-adobe-short": files.jpeg_with(0xEE, b"Adobe"),
    "jpeg-comment": files.jpeg_with(0xFE, b""),
    "jpeg-thumbnail": files.jpeg_with(0xE1, b"http://a\0" + JPEG[:20_000]),
    "jpeg-behind": JPEG + b"\xff\xda" * 1000,
    "gif-newline": GIF + b"\n",
    "gif-zeros": GIF + bytes(100),
    "gif-web-page": GIF + b"<html>;;,!" * 1000,
    "gif-control-short": files.gif_with(b"!\xf9\x01\0\0"),
    "gif-application": files.gif_with(b"!\xff\x0bNETSCAPE2.0\x01\x01\0"),
    "gif-comment": files.gif_with(b"!\xfe\xff" + bytes(255) + b"\0"),
    "webp-exif": files.encode(files.picture(), "WEBP", lossless=True, exif=_EXIF_ENTRY),
    "webp-behind": WEBP + b"\n" * 1000,
}
