"""Frames of bytes between the runner and a child process, over a socket pair."""

import socket
import time

_LENGTH_BYTES = 8


class Channel:
    """One end; each frame is its length and its bytes."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._reader = end.makefile("rb")

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send all of a frame.

        Raises:
            TimeoutError: `time.monotonic()` reached the deadline first.
            OSError: the other end is gone.
        """
        self._wait_until(deadline)
        self._socket.sendall(len(frame).to_bytes(_LENGTH_BYTES, "big"))
        self._socket.sendall(frame)

    def receive(self, deadline: float | None = None) -> bytes:
        """Wait for a frame.

        Raises:
            TimeoutError: `time.monotonic()` reached the deadline first.
            EOFError: the other end is gone.
        """
        self._wait_until(deadline)
        header = self._reader.read(_LENGTH_BYTES)
        size = int.from_bytes(header, "big")
        frame = self._reader.read(size)
        if len(header) < _LENGTH_BYTES or len(frame) < size:
            raise EOFError
        return frame

    def close(self) -> None:
        """Close this end; the other one sees it."""
        self._reader.close()
        self._socket.close()

    def _wait_until(self, deadline: float | None) -> None:
        left = None if deadline is None else max(0.001, deadline - time.monotonic())
        self._socket.settimeout(left)
