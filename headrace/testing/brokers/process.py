"""A server as a child process: started, waited for, stopped, killed, and never left over."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from headrace.errors import HeadraceError

_LEASH = Path(__file__).with_name("leash.py")


class BrokerError(HeadraceError):
    """A local broker could not be started; the message says which and why."""


class ToolsMissingError(BrokerError):
    """What would run the broker is not installed; the message names what to install."""


def is_free(port: int) -> bool:
    """Whether nothing listens on a loopback port."""
    with socket.socket() as probe:
        # As servers do: connections of a predecessor that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int = 1) -> int:
    """The first of `count` neighbouring free loopback ports.

    Below the range that the kernel gives to clients: there, a client that retries while the
    server is down can be given the server's own port, connect to itself and keep it taken.
    """
    while True:
        first = 20_000 + secrets.randbelow(12_000)
        if all(is_free(port) for port in range(first, first + count)):
            return first


class Service:
    """One server process with its log file.

    Args:
        command: Program and arguments.
        log: File that takes its output; appended to, so that it tells of restarts.
        env: Its whole environment; this process's own by default.
        leashed: Whether it dies with this process. Otherwise it stays in the background.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        leashed: bool = True,
    ) -> None:
        self.log = log
        self._leashed = leashed
        leash = [sys.executable, "-I", "-S", str(_LEASH)] if leashed else []
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 (the command comes from our own callers)
                [*leash, *command],
                stdin=subprocess.PIPE if leashed else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,  # Ctrl-C at the terminal is for us; we stop it in order
            )

    @property
    def pid(self) -> int:
        """The process to signal: the server's own, or its leash's."""
        return self._process.pid

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Waits for the server to answer.

        Args:
            ready: Asks the server; may take up to a second or so.
            timeout_s: After so many seconds the server is killed.

        Raises:
            BrokerError: It ended or did not answer in time; the message has the end of its log.
        """
        try:
            self._wait_until(ready, timeout_s)
        except BaseException:  # Ctrl-C, too: nobody would know of the server
            self.kill()
            raise

    def _wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not ready():
            status = self._process.poll()
            if status is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            why = f"did not answer in {timeout_s:g} s" if status is None else f"ended ({status})"
            raise BrokerError(f"the server {why}; the end of {self.log}:\n{tail(self.log)}")

    def stop(self, timeout_s: float = 20) -> None:
        """Asks the server to end, and kills it when it takes too long."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """Ends the server by SIGKILL and returns when it is gone."""
        if self._process.stdin:
            self._process.stdin.close()
        else:
            self._process.kill()
        self._process.wait()


def stop_by_pid(pid: int, timeout_s: float = 20) -> None:
    """Stops a server that another process left in the background."""
    deadline = time.monotonic() + timeout_s
    with suppress(ProcessLookupError):  # it is gone
        os.kill(pid, signal.SIGTERM)
        while _lives(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)


def command_of(pid: int) -> str:
    """The command line of a running process, empty when there is none (or only a zombie)."""
    if Path("/proc/self").exists():
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            return line.replace(b"\0", b" ").decode(errors="replace").strip()
        return ""
    asked = ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    state, _, command = shown.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else command.strip()


def _lives(pid: int) -> bool:
    """Whether a process still holds its files; a dying one does after its command line is gone."""
    asked = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return state.strip()[:1] not in ("", "Z", "X")


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log file, empty when there is none."""
    if not log.exists():
        return ""
    with log.open(errors="replace") as text:
        return "".join(deque(text, lines))
