"""The list of what a version holds, and the name that follows from it.

A version's name is the SHA-256 of its manifest without the creation time, so the same content
always has the same name, and an altered manifest no longer fits the folder that it lies in.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec

from headrace.prepared import prepared
from headrace.store.errors import PublishError, VersionCorruptError
from headrace.store.safe_read import MAX_DEPTH

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
FORMAT = 1
MAX_MANIFEST_BYTES = 1 << 20
MAX_PATH_LENGTH = 512

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a version: its path below the version's folder, its size in bytes, its digest."""

    path: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Sha256


class Description(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a publisher says about a version.

    Attributes:
        model: Which model this is a version of, for example "houses".
        input_schema: JSON Schema of what the model takes.
        output_schema: JSON Schema of what the model answers.
        metrics: Finite figures by name.
        libraries: Distribution to versions that may load this, `{"xgboost-cpu": ">=3.2,<4"}`.
        training_data: SHA-256 of the training data; empty if nobody says.
        attributes: What this kind of model needs to be loaded; plain JSON values.
    """

    model: str
    input_schema: dict[str, Any] = {}
    output_schema: dict[str, Any] = {}
    metrics: dict[str, float] = {}
    libraries: dict[str, str] = {}
    training_data: str = ""
    attributes: dict[str, Any] = {}


class Manifest(Description, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A description, with the files it speaks of and the time it was made.

    Attributes:
        format: The version of this format.
        files: Every file of the version but the manifest and its signature.
        created: RFC 3339, UTC.
        checksum: SHA-256 of the manifest with this field empty. It finds damage where nothing is
            signed; against intent only a signature helps.
    """

    format: int
    files: tuple[FileEntry, ...]
    created: str
    checksum: str = ""

    @property
    def name(self) -> str:
        """The version's name: 64 hexadecimal digits that stand for all but the creation time."""
        return _digest(msgspec.structs.replace(self, created="", checksum=""))

    def entry(self, path: str) -> FileEntry | None:
        """Return the entry of one file, or None if the manifest does not list it."""
        return next((entry for entry in self.files if entry.path == path), None)


def write_manifest(description: Description, files: Iterable[FileEntry]) -> bytes:
    """Make the bytes of a manifest.

    Raises:
        PublishError: The description holds something that JSON cannot carry faithfully.
    """
    fields = {name: getattr(description, name) for name in Description.__struct_fields__}
    manifest = Manifest(
        **fields,
        format=FORMAT,
        files=tuple(sorted(files, key=lambda entry: entry.path)),
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
    try:
        # What a reader will see decides the digests: 1 may come back as 1.0, a tuple as a list.
        plain = _decode(msgspec.json.encode(manifest))
        content = _render(msgspec.structs.replace(plain, checksum=_digest(plain)))
        parse_manifest(content)
    except (TypeError, ValueError, OverflowError, VersionCorruptError) as error:
        raise PublishError(f"the description cannot be published: {error}") from error
    return content


def parse_manifest(content: bytes) -> Manifest:
    """Read a manifest, and refuse everything that is not exactly one.

    Raises:
        VersionCorruptError: Too large, not this format, unknown fields, unsafe or repeated paths.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise VersionCorruptError(f"the manifest is larger than {MAX_MANIFEST_BYTES} bytes")
    manifest = _decode(content)
    if manifest.format != FORMAT:
        raise VersionCorruptError(f"manifest format {manifest.format} is not {FORMAT}")
    unsealed = msgspec.structs.replace(manifest, checksum="")
    if manifest.checksum != _digest(unsealed) or _render(manifest) != content:
        raise VersionCorruptError("the manifest was changed: its checksum is wrong")
    check_paths([entry.path for entry in manifest.files])
    return manifest


def check_paths(paths: list[str]) -> None:
    """Refuse paths that are unsafe, reserved, repeated, or at once a file and a folder.

    Raises:
        VersionCorruptError: Names the first offending path.
    """
    taken = set(paths)
    if len(taken) != len(paths):
        raise VersionCorruptError("a file is listed more than once")
    for path in paths:
        parts = path.split("/")
        unsafe = (
            any(part in ("", ".", "..") for part in parts)
            or not path.isprintable()
            or "\\" in path
            or len(path) > MAX_PATH_LENGTH
            or len(parts) > MAX_DEPTH
        )
        if unsafe or path in (MANIFEST, SIGNATURE):
            raise VersionCorruptError(f"not an allowed path inside a version: {path[:200]!r}")
        for folder in PurePosixPath(path).parents:
            if str(folder) in taken | {MANIFEST, SIGNATURE}:
                raise VersionCorruptError(f"both a file and a folder: {str(folder)!r}")


def _decode(content: bytes) -> Manifest:
    try:
        return msgspec.json.decode(content, type=prepared(Manifest))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise VersionCorruptError(f"the manifest is not valid: {error}") from error


def _render(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2)


def _digest(manifest: Manifest) -> str:
    return hashlib.sha256(msgspec.json.encode(manifest, order="sorted")).hexdigest()
