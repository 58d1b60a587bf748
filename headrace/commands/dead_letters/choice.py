"""Which dead letters a command is about, and how it tells of them."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator

import msgspec

from headrace.dead_letters.boxes.base import Box, Stored
from headrace.dead_letters.letter import DeadLetter
from headrace.dead_letters.reading import letters
from headrace.errors import SettingsError
from headrace.readable import printable
from headrace.sinks.url import shown

Chosen = tuple[Stored, list[DeadLetter], bool]
"""A stored message, with the letters that are in it and chosen, and whether those are all."""


def choose(box: Box, args: argparse.Namespace) -> Iterator[list[Chosen]]:
    """Yield the letters that are asked for, in chunks; tell of messages that are no letters.

    Raises:
        SettingsError: at the end, if a letter that was asked for is not there, or none with the
            type of error that was asked for.
    """
    others, missing = 0, set(args.ids)
    types: Counter[str] = Counter()
    for chunk in box.read():
        chosen: list[Chosen] = []
        for stored in chunk:
            found = _letters(stored)
            if not found:
                others += 1
                continue
            types.update(letter.error_type for letter in found)
            wanted = [letter for letter in found if _matches(letter, args)]
            missing.difference_update(letter.id for letter in wanted)
            if wanted:
                chosen.append((stored, wanted, len(wanted) == len(found)))
        yield chosen
    if box.unread:
        complain(f"in {shown(args.url)} {_unread(box.unread)}")
    if missing:
        raise SettingsError(
            f"no dead letter {', '.join(sorted(missing))} in {shown(args.url)}"
            + (f", where {_no_letters(others)}" if others else "")
        )
    if others:
        complain(f"in {shown(args.url)} {_no_letters(others)}")
    if args.error_type is not None and types and args.error_type not in types:
        there = ", ".join(f"{name} ({count})" for name, count in types.items())
        raise SettingsError(f"no dead letter with the error type {args.error_type!r}, but {there}")


def _letters(stored: Stored) -> list[DeadLetter]:
    try:
        return letters(stored.data)
    except msgspec.DecodeError:
        return [] if stored.moved is None else [stored.moved]


def _no_letters(count: int) -> str:
    return "1 message is no dead letter" if count == 1 else f"{count} messages are no dead letters"


def _unread(count: int) -> str:
    messages = "1 more message" if count == 1 else f"{count} more messages"
    return f"about {messages} cannot be read before others of the same groups have left the queue"


def letters_of(chunk: list[Chosen]) -> list[DeadLetter]:
    """Return the letters of a chunk, in order."""
    return [letter for _, found, _ in chunk for letter in found]


def _matches(letter: DeadLetter, args: argparse.Namespace) -> bool:
    return (not args.ids or letter.id in args.ids) and args.error_type in {None, letter.error_type}


def say(line: str) -> None:
    """Write a line to standard output."""
    sys.stdout.write(line + "\n")


def complain(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(printable(f"headrace: {text}") + "\n")
