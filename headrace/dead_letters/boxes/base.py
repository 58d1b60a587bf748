"""A place that holds dead letters and can be read back: a file, a topic, a queue, a bucket."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol, cast

import msgspec

from headrace.dead_letters.letter import DeadLetter
from headrace.errors import SettingsError
from headrace.sinks.url import SinkUrl

_KINDS = ("file", "kafka", "sqs", "s3")


class Stored(msgspec.Struct, frozen=True):
    """One message of a box.

    Attributes:
        data: the dead letter, if it is one.
        handle: what the box removes it by.
        moved: the letter of a message that is none itself: its queue gave it up.
    """

    data: bytes
    handle: Any = None
    moved: DeadLetter | None = None


class Box(Protocol):
    """Where dead letters are kept.

    Attributes:
        removes: whether a single message can be removed; files and topics are logs, and keep all.
        unread: how many messages stand behind others that were read and are still there; told once
            all that can be read was.
    """

    removes: bool
    unread: int

    def read(self) -> Iterator[list[Stored]]:
        """All messages that are there now, some at a time, in the box's order."""
        ...

    def remove(self, stored: Stored) -> None:
        """Remove a message that was read."""
        ...

    def close(self) -> None:
        """Let go of the box; what was read and not removed is there for the next reader."""
        ...


def open_box(url: str) -> Box:
    """Open the box that a sink's URL names.

    Raises:
        SettingsError: the URL is wrong, names nothing that exists, or a sink without a way back.
    """
    parsed = SinkUrl.parse(url)
    if parsed.scheme not in _KINDS:
        raise SettingsError(
            f"sink {parsed}: cannot be read back; dead letters are read from {', '.join(_KINDS)}"
        )
    module = import_module(f"headrace.dead_letters.boxes.{parsed.scheme}")
    return cast("Box", module.open_box(parsed))
