"""Which message of a Protobuf file a payload holds: numbers before the message itself.

Confluent counts down from the file: how many numbers follow, then the place of the message in its
file, that of a message in it, and so on, in zigzag varints; a single 0 is the first message. Glue
has one number, a varint: the place among all messages of the file, sorted by their full names.
"""

from typing import Any

from headrace.payloads.schema import DoesNotFit

_DEEPEST = 100
_LONGEST = 10  # bytes of a varint of 64 bits


def by_confluent(payload: bytes) -> tuple[tuple[int, ...], bytes]:
    """Return the place of the message, and the message itself. Raises DoesNotFit."""
    if payload[:1] == b"\0":  # as nearly always
        return (0,), payload[1:]
    count, end = _zigzag(payload, 0)
    if not 0 <= count <= _DEEPEST:
        raise DoesNotFit(f"the place of the message has {count} steps")
    steps = []
    for _ in range(count):
        step, end = _zigzag(payload, end)
        steps.append(step)
    return tuple(steps) or (0,), payload[end:]


def by_glue(payload: bytes) -> tuple[tuple[int, ...], bytes]:
    """Return the number of the message, and the message itself. Raises DoesNotFit."""
    number, end = _varint(payload, 0)
    return (number,), payload[end:]


def numbered_by_confluent(file: Any) -> dict[tuple[int, ...], Any]:
    """Return the messages of a file descriptor by their places."""
    found: dict[tuple[int, ...], Any] = {}

    def add(messages: Any, place: tuple[int, ...]) -> None:
        for index, message in enumerate(messages):
            found[*place, index] = message
            add(message.nested_types, (*place, index))

    add(file.message_types_by_name.values(), ())
    return found


def numbered_by_glue(file: Any) -> dict[tuple[int, ...], Any]:
    """Return the messages of a file descriptor by their numbers."""
    messages = sorted(numbered_by_confluent(file).values(), key=lambda message: message.full_name)
    return {(number,): message for number, message in enumerate(messages)}


def written(place: tuple[int, ...]) -> bytes:
    """Return the place of a message as Confluent writes it."""
    if place == (0,):
        return b"\0"
    return b"".join(_as_varint(2 * step) for step in (len(place), *place))


def written_by_glue(place: tuple[int, ...]) -> bytes:
    """Return the number of a message as AWS Glue writes it."""
    return _as_varint(place[0])


def _as_varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _zigzag(data: bytes, start: int) -> tuple[int, int]:
    number, end = _varint(data, start)
    return (number >> 1) ^ -(number & 1), end


def _varint(data: bytes, start: int) -> tuple[int, int]:
    number = 0
    for place, octet in enumerate(data[start : start + _LONGEST]):
        number |= (octet & 0x7F) << 7 * place
        if octet < 0x80:
            return number, start + place + 1
    raise DoesNotFit("the place of the message is cut off")
