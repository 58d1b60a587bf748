"""How a picture is to be turned: one number of its EXIF block.

Read here and not by Pillow, which warns as text, in the middle of a log of JSON, of blocks that
are damaged.
"""

from typing import Literal

_PREFIX = b"Exif\0\0"
_BYTE_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
_ENTRY_LENGTH = 12
_ORIENTATION, _SHORT = 0x0112, 3
UPRIGHT = 1


def orientation(exif: bytes) -> int:
    """Read the orientation, 1 to 8 (TIFF 6.0, tag 274); 1 is upright.

    Args:
        exif: The block, with or without its prefix. A damaged one says nothing: upright.
    """
    tiff = exif.removeprefix(_PREFIX)
    order = _BYTE_ORDERS.get(tiff[:4])
    if order is None:
        return UPRIGHT

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], order)

    directory = number(4, 4)
    first = directory + 2
    for entry in range(first, first + number(directory, 2) * _ENTRY_LENGTH, _ENTRY_LENGTH):
        if (number(entry, 2), number(entry + 2, 2)) == (_ORIENTATION, _SHORT):
            value = number(entry + 8, 2)
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
