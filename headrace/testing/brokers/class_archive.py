"""The classes of a server, kept as Java has loaded them: a later start takes two thirds."""

import shutil
import uuid
from pathlib import Path


class ClassArchive:
    """What one server writes when it ends, and later ones of the same jars and Java read.

    Java reads no archive that does not fit, and starts without it.

    Args:
        libraries: the folder of the jars; the archive is kept beside it.
        java: the version of the Java.
        folder: the server's own.
    """

    def __init__(self, libraries: Path, java: str, folder: Path) -> None:
        self._kept = libraries.with_name(f"{libraries.name}-java-{java}.jsa")
        self._written = folder / "classes.jsa"

    def options(self, *, writes: bool) -> list[str]:
        """Return Java's options to read the archive or, where there is none yet, to write it.

        Args:
            writes: whether it may be written: `keep` comes when this server has ended.
        """
        if self._kept.exists():
            return [f"-XX:SharedArchiveFile={self._kept}"]
        if writes:
            quiet = ("-Xlog:disable", "-Xlog:all=error:stderr")  # it names each class it leaves out
            return [f"-XX:ArchiveClassesAtExit={self._written}", *quiet]
        return []

    def keep(self) -> None:
        """Keep what a server that was of use has written. Who starts meanwhile sees it whole."""
        if self._written.exists():
            scratch = self._kept.with_name(f"{uuid.uuid4().hex}.jsa")
            shutil.move(self._written, scratch)
            scratch.replace(self._kept)
