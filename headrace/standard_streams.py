"""Standard streams as programs of ours need them, whatever the shell and the locale say."""

import os
import sys
from io import TextIOWrapper

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def prepare() -> None:
    """Open what is closed, and write UTF-8. To be called by what owns the process.

    The next file or connection that is opened would get the number of a closed stream, and with it
    what libraries written in C say there: the null device takes its place. JSON is UTF-8 in any
    locale; with another encoding, lines of the log were lost, and results could not be written.
    """
    for name, mode in _STREAMS:
        stream = getattr(sys, name)
        if stream is None:
            file = os.open(os.devnull, os.O_RDWR)  # the lowest number, so the stream's own
            setattr(sys, name, os.fdopen(file, mode))
        elif isinstance(stream, TextIOWrapper) and mode == "w":
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
