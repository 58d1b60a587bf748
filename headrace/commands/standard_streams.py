"""Standard streams that are closed when a command starts.

The next file or connection that is opened would get the number of a closed stream, and with it what
libraries written in C say there.
"""

import os
import sys

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def open_closed() -> None:
    """Open the null device for each closed one: nothing is read, and what is written is dropped."""
    for name, mode in _STREAMS:
        if getattr(sys, name) is None:
            file = os.open(os.devnull, os.O_RDWR)  # the lowest number, so the stream's own
            setattr(sys, name, os.fdopen(file, mode))
