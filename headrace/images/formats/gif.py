"""GIF: a screen, then blocks of sub-blocks up to a trailer. What follows the trailer is no GIF."""

from headrace.images.formats.parts import Essence, PartCount, damaged, truncated

_EXTENSION, _FRAME, _TRAILER = b"!,;"
_SCREEN_LENGTH, _SCREEN_FLAGS = 13, 10
_FRAME_LENGTH, _FRAME_FLAGS = 10, 9
_SHORT = 64  # encoders fill sub-blocks up to 255 bytes; a series ends with one that is not full
# The one extension that says how a frame is drawn: a sub-block of four bytes, and the end.
_GRAPHIC_CONTROL, _GRAPHIC_CONTROL_LENGTH = b"!\xf9\x04", 8


def essence(data: bytes) -> Essence:
    """Return the screen and the first frame; later frames are walked through, not decoded.

    Raises:
        ImageError: if the file ends early, has no frame, or has too many parts.
    """
    parts, control, frame = PartCount(), b"", slice(0)
    screen = start = _SCREEN_LENGTH + _palette_length(data, _SCREEN_FLAGS)
    while start < len(data) and data[start] != _TRAILER:
        parts.add()
        end = start + 1  # decoders pass over what is no block
        if data[start] == _EXTENSION:
            end = _end_of_sub_blocks(data, start + 2, parts)
            if not frame.stop and _is_graphic_control(data[start:end]):
                control = data[start:end]
        elif data[start] == _FRAME:
            pixels = start + _FRAME_LENGTH + _palette_length(data, start + _FRAME_FLAGS) + 1
            end = _end_of_sub_blocks(data, pixels, parts)
            frame = frame if frame.stop else slice(start, end)
        start = end
    if start >= len(data):
        raise truncated()
    if not frame.stop:
        raise damaged()
    kept = data[:screen] + control + data[frame] + bytes([_TRAILER])
    return Essence(kept, size=_extent(data, frame.start))


def _palette_length(data: bytes, flags: int) -> int:
    """Return the length of the palette that the flags at an index announce, in bytes."""
    if flags >= len(data) or not data[flags] & 0x80:
        return 0
    return 3 << ((data[flags] & 7) + 1)


def _end_of_sub_blocks(data: bytes, position: int, parts: PartCount) -> int:
    """Return where a series of sub-blocks ends. Short ones count as parts of the file."""
    while position < len(data):
        length = data[position]
        position += 1 + length
        if not length:
            return position
        if length < _SHORT:
            parts.add()
    raise truncated()


def _is_graphic_control(block: bytes) -> bool:
    return block.startswith(_GRAPHIC_CONTROL) and len(block) == _GRAPHIC_CONTROL_LENGTH


def _extent(data: bytes, frame: int) -> tuple[int, int]:
    """Return width and height of the screen, or of the frame if it reaches beyond the screen."""

    def number(at: int) -> int:
        return int.from_bytes(data[at : at + 2], "little")

    right = number(frame + 1) + number(frame + 5)
    bottom = number(frame + 3) + number(frame + 7)
    return max(number(6), right), max(number(8), bottom)
