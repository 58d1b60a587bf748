"""A name that moves: the version that it stands for now, and those before.

Both live in one small file, so that one rename moves the alias and its history together.
"""

import re
from typing import Annotated

import msgspec

from headrace.prepared import prepared
from headrace.store.errors import StoreError, VersionCorruptError
from headrace.store.manifest import Sha256

HISTORY = 32
MAX_ALIAS_BYTES = 16 << 10
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class Alias(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version an alias stands for, and which it stood for before, latest first."""

    version: Sha256
    history: Annotated[tuple[Sha256, ...], msgspec.Meta(max_length=HISTORY)] = ()

    def moved_to(self, version: str) -> "Alias":
        """Return the alias after it was pointed at a version."""
        if version == self.version:
            return self
        return Alias(version, (self.version, *self.history)[:HISTORY])

    def rolled_back(self, to: str | None = None) -> "Alias":
        """Return the alias as it was before it was last moved.

        Raises:
            StoreError: It never stood for anything else, or for another version than `to`.
        """
        if not self.history:
            raise StoreError("there is no earlier version to roll back to")
        if to not in (None, self.history[0]):
            raise StoreError(f"the version before is {self.history[0]:.12} now, not {to:.12}")
        return Alias(self.history[0], self.history[1:])

    def previous(self, count: int) -> list[str]:
        """Return at most `count` different earlier versions, the latest first."""
        earlier = dict.fromkeys(name for name in self.history if name != self.version)
        return list(earlier)[:count]


def parse(content: bytes, path: str) -> Alias:
    """Read an alias file.

    Args:
        content: What it holds.
        path: Where it lies, for the message.

    Raises:
        VersionCorruptError: It does not hold an alias.
    """
    try:
        return msgspec.json.decode(content, type=prepared(Alias))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise VersionCorruptError(f"{path} is no alias: {error}") from error


def is_name(name: str) -> bool:
    """Say whether a model or an alias may be called so."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str, kind: str) -> str:
    """Refuse names of models and aliases that are not plain lower-case words.

    Args:
        name: The name.
        kind: What it names, for the message.

    Raises:
        StoreError: Anything but 1 to 63 of a-z, 0-9, `_` and `-`, the first a letter or digit.
    """
    if not is_name(name):
        raise StoreError(f"not a name for {kind}: {name[:100]!r} (a-z, 0-9, _ and -, at most 63)")
    return name
