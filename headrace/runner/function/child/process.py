"""A child process that hosts the function, seen from the runner."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from headrace.child_environment import child_environment
from headrace.errors import SettingsError
from headrace.runner.function.child.channel import Channel
from headrace.runner.function.child.wire import Answer, Problem, decode_answer, with_deadline
from headrace.runner.function.errors import FunctionError, FunctionExited, FunctionTimeout

_SETUP_SECONDS = 300.0
# A process ends itself at the deadline, and says where it stood; after so long it is killed.
_GRACE_SECONDS = 0.5
_CLOSE_SECONDS = 5.0


class FunctionProcess:
    """Hosts one function; takes one invocation at a time.

    A new program rather than a fork: the runner has threads, and a Kafka client.

    Raises:
        SettingsError: no other process could import the function.
        FunctionError: it could not be set up; the message says why.
    """

    def __init__(self, function: Any) -> None:
        pickled = _pickle(function)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                [
                    # -P: the working directory comes where `headrace.loading` has put it.
                    *(sys.executable, "-P", "-m", "headrace.runner.function.child.main"),
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                env=child_environment(),
                pass_fds=[theirs.fileno()],
                process_group=0,  # it can be ended with all that it started
            )
        self._channel = Channel(ours)
        problem = self._ask(pickled, time.monotonic() + _SETUP_SECONDS)
        if isinstance(problem, Problem):
            self.kill()
            raise FunctionError(f"the worker cannot start: {problem.message}")

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, request: bytes, deadline: float) -> Answer:
        """Have one invocation done.

        Args:
            request: as `wire.encode` makes it.
            deadline: when to end it, on the clock of `time.monotonic()`.

        Raises:
            FunctionTimeout: the deadline passed; the process was ended.
            FunctionExited: the process ended by itself.
        """
        begun = time.monotonic()
        try:
            return self._ask(with_deadline(request, deadline), deadline + _GRACE_SECONDS)
        except FunctionError:
            if time.monotonic() < deadline:
                raise
            seconds = f"{deadline - begun:.3g} s"
            raise FunctionTimeout(f"not done within {seconds}; its process was ended") from None

    def kill(self) -> int:
        """End the process at once, with whatever it has started. Returns its exit status."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._channel.close()
        return self._process.wait()

    def close(self) -> None:
        """Let the worker close itself; kill it where that takes too long."""
        try:
            self._channel.send(b"", time.monotonic() + _CLOSE_SECONDS)
            self._process.wait(_CLOSE_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self.kill()

    def _ask(self, frame: bytes, deadline: float) -> Answer:
        try:
            self._channel.send(frame, deadline)
            answer: Answer = decode_answer(self._channel.receive(deadline))
        except TimeoutError:
            self.kill()
            raise FunctionTimeout("it did not answer, and was killed") from None
        except (EOFError, OSError):
            raise FunctionExited(f"its process ended: {_in_words(self.kill())}") from None
        return answer


def _in_words(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name
    return f"{name}; out of memory?" if name == "SIGKILL" else name


def _pickle(function: Any) -> bytes:
    try:
        return pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise SettingsError(
            "HEADRACE_FUNCTION_TIMEOUT_SECONDS needs a function that another process can import,"
            " so that"
            f" it can be ended: {error}"
        ) from None
