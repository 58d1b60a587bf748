"""Unpacking archives of strangers: plain files and folders, inside the target, of bounded size."""

import gzip
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from headrace.errors import HeadraceError

_CHUNK = 1 << 16
_MAX_PARTS = 64  # folders in folders; SavedModels have three


class ArchiveError(HeadraceError):
    """The archive is damaged, too large, or holds something that may not be unpacked."""


class _Bounded:
    """A stream that ends in an error after so many bytes: headers, padding and all."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._limit = self._left = limit

    def read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise ArchiveError(f"unpacks to more than the {self._limit} bytes allowed")
        return data


def unpack(archive: Path, target: Path, *, max_bytes: int, max_members: int = 10_000) -> None:
    """Unpack a `.tar.gz` into an empty folder.

    Args:
        archive: The file.
        target: An existing, empty folder. After an error it may hold a part of the files.
        max_bytes: The most that all of the unpacked archive may measure.
        max_members: The most files and folders.

    Raises:
        ArchiveError: Names the member that has an absolute path, climbs with `..`, comes twice, or
            is a link, a device or a sparse file; or says that the archive is damaged or too large.
    """
    try:
        with gzip.open(archive) as stream:
            bounded = _Bounded(stream, max_bytes)
            with tarfile.open(fileobj=bounded, mode="r|") as tar:  # type: ignore[call-overload]
                for count, member in enumerate(tar, start=1):
                    if count > max_members:
                        raise ArchiveError(f"more than the {max_members} members allowed")
                    _unpack_member(tar, member, target)
            while bounded.read(_CHUNK):  # to the end, where gzip keeps its checksum
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        # tarfile leaves the numbers of sparse files to int(), ahead of the member itself.
        raise ArchiveError(f"not a sound .tar.gz: {error}") from error


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    path = PurePosixPath(member.name)
    if len(path.parts) > _MAX_PARTS:
        raise ArchiveError(f"a path of {len(path.parts)} parts: {member.name[:80]!r}…")
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        raise ArchiveError(f"a path that leads out of the archive: {member.name!r}")
    try:
        if member.isdir():
            (target / path).mkdir(parents=True, exist_ok=True)
        elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and member.sparse is None:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            _write(tar.extractfile(member), target / path)
        else:
            raise ArchiveError(f"neither a plain file nor a folder: {member.name!r}")
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ArchiveError(f"comes twice: {member.name!r}") from error
    except OSError as error:
        raise ArchiveError(f"{member.name!r}: {error}") from error


def _write(source: IO[bytes] | None, path: Path) -> None:
    with path.open("xb") as file:
        while source and (chunk := source.read(_CHUNK)):
            file.write(chunk)
