"""How dead letters are shown: a line each in a table, or everything about one."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from headrace.dead_letters.letter import DeadLetter
from headrace.dead_letters.reading import Reference
from headrace.readable import printable, readable_content

_MOST_SHOWN = 100  # characters of an error in a table, and how wide a column is at most


def table(letters: Iterable[DeadLetter]) -> Iterator[str]:
    """Yield a heading and a line for each letter."""
    rows = [("ID", "ERROR TYPE", "AGE", "ERROR"), *map(_row, letters)]
    widths = [min(_MOST_SHOWN, max(len(row[n]) for row in rows)) for n in range(3)]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[3]]).rstrip()


def describe(letter: DeadLetter) -> dict[str, Any]:
    """Return everything about a letter, bytes decoded as far as they can be."""
    about = {
        "id": letter.id,
        "source": letter.source,
        "position": msgspec.to_builtins(letter.position),
        "error_type": letter.error_type,
        "error": letter.error,
        "errors": list(letter.errors),
        "rejected_at": letter.rejected_at,
    }
    if isinstance(letter, Reference):
        return about | {
            "last_position": msgspec.to_builtins(letter.last),
            "record": "in its source",
        }
    return about | readable_content(letter.timestamp, letter.key, letter.headers, letter.value)


def _row(letter: DeadLetter) -> tuple[str, str, str, str]:
    error = printable(" ".join(letter.error.split()))[:_MOST_SHOWN]
    seconds = max(0, int(time.time()) - letter.rejected_at // 1000)
    kind = printable(letter.error_type)[:_MOST_SHOWN]
    return printable(letter.id), kind, _age(seconds), error


def _age(seconds: int) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
