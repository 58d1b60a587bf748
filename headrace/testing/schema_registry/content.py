"""What the registry holds: schemas by id, and the versions of each subject, kept in a journal."""

import os
import threading
import uuid
from collections.abc import Sequence
from errno import ENOSPC
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headrace.errors import HeadraceError
from headrace.payloads.schema import Format

_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


class ReferenceTo(msgspec.Struct, frozen=True):
    """A schema that another one names."""

    name: str
    subject: str
    version: int


class Stored(msgspec.Struct, frozen=True, rename="camel"):
    """A schema as it is registered: what a client sends."""

    schema: Annotated[str, Meta(max_length=4_000_000)]
    schema_type: Format = "AVRO"
    references: tuple[ReferenceTo, ...] = ()

    @property
    def guid(self) -> str:
        """Its name everywhere: the same schema has the same one in each registry of ours."""
        return str(uuid.uuid5(_NAMESPACE, msgspec.json.encode(self).decode()))


class Entry(msgspec.Struct, frozen=True):
    """A line of the journal: a subject got a schema, or lost a version (all: version None)."""

    subject: str
    stored: Stored | None = None
    version: int | None = None


class Content:
    """Everything that is registered. Any thread may ask.

    Args:
        journal: the file that keeps it. None: it is gone with the process.

    Raises:
        HeadraceError: the journal is none.
    """

    def __init__(self, journal: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._schemas: list[Stored] = []
        self._ids: dict[Stored, int] = {}
        self._subjects: dict[str, dict[int, int]] = {}
        self._next: dict[str, int] = {}
        self._file: int | None = None
        if journal is not None:
            self._replay(journal)
            self._file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def register(self, subject: str, stored: Stored) -> tuple[int, int]:
        """Give a subject a schema, unless it has it. Returns the id and the version."""
        with self._lock:
            known = self.find(subject, stored)
            if known is not None:
                return known
            self._note(Entry(subject, stored))
            return self._add(subject, stored)

    def find(self, subject: str, stored: Stored) -> tuple[int, int] | None:
        """Return the id and the version of a schema in a subject, if it has it."""
        with self._lock:
            number = self._ids.get(stored)
            versions = self._subjects.get(subject, {})
            found = [version for version, known in versions.items() if known == number]
            return (number, found[0]) if number is not None and found else None

    def by_id(self, number: int) -> Stored | None:
        """Return the schema of an id."""
        return self._schemas[number - 1] if 0 < number <= len(self._schemas) else None

    def id_of(self, guid: str) -> int | None:
        """Return the id of a schema, by its GUID."""
        return next((n for stored, n in list(self._ids.items()) if stored.guid == guid), None)

    def subjects(self) -> list[str]:
        """Return the names of all subjects."""
        with self._lock:
            return sorted(self._subjects)

    def versions(self, subject: str) -> dict[int, int]:
        """Return the ids of a subject's versions, the oldest first; nothing if there is none."""
        with self._lock:
            return dict(self._subjects.get(subject, {}))

    def places(self, number: int) -> list[tuple[str, int]]:
        """Return the subjects and versions that have a schema."""
        with self._lock:
            everything = [(s, v, n) for s, vs in self._subjects.items() for v, n in vs.items()]
            return [(subject, version) for subject, version, n in everything if n == number]

    def delete(self, subject: str, version: int | None = None) -> None:
        """Take a version, or all, from a subject. Ids stay what they are."""
        with self._lock:
            self._note(Entry(subject, None, version))
            self._drop(subject, version)

    def close(self) -> None:
        """Close the journal."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _add(self, subject: str, stored: Stored) -> tuple[int, int]:
        number = self._ids.get(stored)
        if number is None:
            self._schemas.append(stored)
            number = self._ids[stored] = len(self._schemas)
        version = self._next.get(subject, 0) + 1
        self._next[subject] = version
        self._subjects.setdefault(subject, {})[version] = number
        return number, version

    def _drop(self, subject: str, version: int | None) -> None:
        versions = self._subjects.get(subject, {})
        if version is None:
            versions.clear()
        versions.pop(version or 0, None)
        if not versions:
            self._subjects.pop(subject, None)

    def _note(self, entry: Entry) -> None:
        if self._file is None:
            return
        line, before = msgspec.json.encode(entry) + b"\n", os.fstat(self._file).st_size
        try:
            if os.write(self._file, line) < len(line):  # of a full disk, a part is taken
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            os.fsync(self._file)
        except OSError:
            os.truncate(self._file, before)  # or the next line would be the rest of this one
            raise

    def _replay(self, journal: Path) -> None:
        journal.parent.mkdir(parents=True, exist_ok=True)
        data = journal.read_bytes() if journal.exists() else b""
        whole, _, cut = data.rpartition(b"\n")
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                entry = msgspec.json.decode(line, type=Entry)
            except msgspec.MsgspecError as error:
                raise HeadraceError(f"{journal}, line {number}: {error}") from None
            if entry.stored is None:
                self._drop(entry.subject, entry.version)
            else:
                self._add(entry.subject, entry.stored)
        if cut:  # the process was killed while it wrote: nobody was told of that schema
            os.truncate(journal, len(data) - len(cut))


def shown(stored: Stored, **also: Any) -> dict[str, Any]:
    """Return a schema as the interface shows it."""
    found: dict[str, Any] = {**also, "guid": stored.guid, "schema": stored.schema}
    if stored.schema_type != "AVRO":
        found["schemaType"] = stored.schema_type
    if stored.references:
        found["references"] = msgspec.to_builtins(stored.references)
    return found


def references_of(content: Content, references: Sequence[ReferenceTo]) -> dict[str, Stored]:
    """Return what a schema refers to, by name. Raises KeyError with what is not there."""
    found: dict[str, Stored] = {}
    for reference in references:
        number = content.versions(reference.subject).get(reference.version)
        stored = None if number is None else content.by_id(number)
        if stored is None:
            raise KeyError(f"version {reference.version} of {reference.subject}")
        found[reference.name] = stored
    return found
