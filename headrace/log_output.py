"""Standard output, where lines of the log go: one by one, or several at once."""

import logging
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TextIO


class StandardOutput(logging.StreamHandler[TextIO]):
    """Writes to what standard output is now, not to what it was when the logger was made."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self._told = False
        self._held = False

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard output."""
        return sys.stdout

    def flush(self) -> None:
        """Write lines, unless they are held."""
        if not self._held:
            super().flush()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold lines, and write them at the end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            try:
                self.flush()
            except (OSError, ValueError):
                self._tell()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base's name
        """Go on without a line that cannot be written."""
        del record
        self._tell()

    def _tell(self) -> None:
        """Say once that nobody reads the log any more, or that its disk is full."""
        if not self._told:
            self._told = True
            with suppress(OSError, ValueError):
                sys.stderr.write(f"headrace: the log cannot be written: {sys.exc_info()[1]}\n")


OUTPUT = StandardOutput()


def lines_at_once() -> AbstractContextManager[None]:
    """Write what is logged within by one system call, not each line by one.

    For one thread at a time. Lines of other threads are written no later than its own.
    """
    return OUTPUT.held()
