"""What a process that a worker forks must not take along from ours.

`multiprocessing` forks on Linux. The copy has our handler of SIGTERM, which would only note that it
came, so that nobody could terminate it; and our end of the line to the process above, which tells
by that line's end that we are gone.
"""

import os
import signal


def let_sigterm_end_forks() -> None:
    """Have SIGTERM end a process that is forked from now on, whatever it does to this one."""
    os.register_at_fork(after_in_child=_end_by_sigterm)


def keep_from_others(descriptor: int) -> None:
    """Keep a file descriptor from whatever this process starts or forks from now on."""
    os.set_inheritable(descriptor, False)
    os.register_at_fork(after_in_child=lambda: _put_away(descriptor))


def _end_by_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _put_away(descriptor: int) -> None:
    # Not closed: an object that owns it would close whatever has its number by then.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, descriptor, inheritable=False)
    os.close(nothing)
