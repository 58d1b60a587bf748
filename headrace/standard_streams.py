"""Standard streams as programs of ours need them, whatever the shell and the locale say."""

import os
import select
import sys
from io import TextIOWrapper
from typing import TextIO

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


def output_trouble() -> OSError | None:
    """Return why standard output takes nothing any more; None if it does.

    Then it is the null device from now on: the interpreter, which writes what is left at its end,
    would fail once more.
    """
    try:
        sys.stdout.flush()
        if _has_lost_its_reader(sys.stdout):  # known before it is written to, if unbuffered
            raise BrokenPipeError
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return error
    return None


def _has_lost_its_reader(stream: TextIO) -> bool:
    try:
        file = stream.fileno()
    except OSError:  # it is no file
        return False
    poll = select.poll()
    poll.register(file, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
