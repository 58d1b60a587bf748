"""The supervisor: it starts the members, keeps their number, stops them, and tells of all."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from headrace.child_environment import child_environment
from headrace.errors import message_of
from headrace.log import Log
from headrace.runner.members import VARIABLE
from headrace.runner.members.report import decode
from headrace.runner.members.summed import SummedStats
from headrace.runner.stop import Stop

_LOOK_SECONDS = 0.05
_AGAIN_SECONDS = 1.0  # before a member is started in the place of one that was killed
_GRACE_SECONDS = 25.0  # beyond the drain; a member that hangs ends itself before


class Supervisor:
    """Runs the same command in several processes.

    A member that a signal kills (by the kernel for want of memory, for instance) is started anew;
    until then the others have its partitions. One that ends with an error ends the run, as it
    would have without a supervisor. One that ends well is through.

    Args:
        arguments: the command line of `headrace`; members know by a variable what they are.
        number: how many there are.
        stats: takes what they report.
        stop: says when to end.
        drain_seconds: how long they may take to end.
        log: is told of those that were killed.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        number: int,
        stats: SummedStats,
        stop: Stop,
        drain_seconds: float,
        log: Log,
    ) -> None:
        self._arguments = arguments
        self._number = number
        self._stats = stats
        self._stop = stop
        self._drain_seconds = drain_seconds
        self._log = log
        self._members: dict[int, subprocess.Popen[bytes]] = {}
        # No SimpleQueue: its `get` waits for ever if a signal's handler outlasts the timeout.
        self._ended: queue.Queue[tuple[int, int]] = queue.Queue()

    def run(self) -> int:
        """Run until all have ended. Returns the exit code: the first that is not 0."""
        code = 0
        try:
            self._start(0)
            # The others come once the first is set up: what is wrong is then said once.
            while self._members and not self._stop.requested and not self._stats.heard_of(0):
                code = code or self._take_ended()
            if self._members and not self._stop.requested:
                for number in range(1, self._number):
                    self._start(number)
            while self._members and not self._stop.requested:
                code = code or self._take_ended()
        finally:
            code = self._end_all() or code
        return code

    def _start(self, number: int) -> None:
        reads, writes = os.pipe()
        environ = child_environment() | {VARIABLE: f"{number}:{writes}"}
        process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-P", "-m", "headrace", *self._arguments],
            env=environ,
            pass_fds=(writes,),
            process_group=0,  # Ctrl-C is for this process, which stops that one once
        )
        os.close(writes)
        self._members[number] = process
        threading.Thread(target=self._listen, args=(number, process, reads), daemon=True).start()

    def _listen(self, number: int, process: "subprocess.Popen[bytes]", pipe: int) -> None:
        """Take in what a member reports, to its end."""
        with os.fdopen(pipe, "rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):  # the last may be cut off by a kill
                    self._stats.note(number, decode(line))
        self._ended.put((number, process.wait()))

    def _take_ended(self) -> int:
        """Wait a moment for a member's end, and replace it if it was killed. Returns its code."""
        try:
            number, code = self._ended.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return 0
        del self._members[number]
        self._stats.end(number)
        if code >= 0:
            if code > 0:
                self._stop.request()
            return code
        name = _name_of(-code)
        self._log.error("a member was killed; another takes its place", signal=name, member=number)
        self._stop.wait(_AGAIN_SECONDS)
        if not self._stop.requested:
            self._start(number)
        return 0

    def _end_all(self) -> int:
        """Ask all that run to stop, and wait for it. Returns the first code that is not 0."""
        for process in self._members.values():
            process.terminate()
        deadline = time.monotonic() + self._drain_seconds + _GRACE_SECONDS
        code = 0
        while self._members:
            try:
                number, ended = self._ended.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                for number, process in self._members.items():
                    self._log.error("a member did not end, and is killed", member=number)
                    process.kill()
                deadline = time.monotonic() + _GRACE_SECONDS
                continue
            del self._members[number]
            self._stats.end(number)
            code = code or int(ended != 0)
        return code


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError as error:
        return message_of(error)
