"""Runs a command that must not outlive the process that asked for it.

The asker holds the other end of standard input. When that closes, however the asker ended
(SIGKILL too), the command is killed; so closing it is also how to kill the command on purpose.
SIGTERM is passed on. A script run by its path, so it imports nothing but the standard library.
"""

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    """Runs the command to its end, or kills it at the end of standard input."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 (our caller's command)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())

    def kill_at_end_of_input() -> None:
        sys.stdin.buffer.read()
        child.kill()

    threading.Thread(target=kill_at_end_of_input, daemon=True).start()
    return child.wait() & 0xFF


if __name__ == "__main__":
    # Not sys.exit: finalising would wait for the lock of the standard input that is being read.
    os._exit(main(sys.argv[1:]))
