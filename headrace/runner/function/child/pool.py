"""The child processes of one function: as many as there are invocations at once, used again."""

import threading
import time
from typing import Any

from headrace.runner.function.child.process import FunctionProcess
from headrace.runner.function.child.wire import Answer, Problem, Request, encode, restore
from headrace.runner.function.errors import FunctionExited


class FunctionPool:
    """Invokes a function in child processes, and kills one that takes too long.

    The first process is started at once, so that a worker that cannot start ends the start; the
    others when they are needed. Each invocation has a process to itself.

    Args:
        function: takes records, or (event, context); another process must be able to import it.
        timeout: seconds of one invocation.

    Raises:
        SettingsError: the function cannot be hosted in another process.
        FunctionError: it could not be set up.
    """

    def __init__(self, function: Any, timeout: float) -> None:
        self._function = function
        self._timeout = timeout
        self._lock = threading.Lock()
        self._closed = False
        self._all: set[FunctionProcess] = set()
        self._idle: list[FunctionProcess] = []  # the one used last is used next
        self._idle.append(self._start())

    def invoke(self, request: Request) -> Answer:
        """Have one invocation done.

        Raises:
            FunctionTimeout: it took too long, and its process was killed.
            FunctionExited: its process ended.
            Exception: what the function raised.
        """
        frame = encode(request)  # before a process is taken: what cannot be said costs none
        process = self._take()
        try:
            answer = process.ask(frame, time.monotonic() + self._timeout)
        except BaseException:
            self._drop(process)
            raise
        with self._lock:
            if process in self._all:
                self._idle.append(process)
        if isinstance(answer, Problem):
            raise restore(answer)
        return answer

    def close(self) -> None:
        """Let idle workers close themselves, and kill those that are still at work."""
        with self._lock:
            self._closed = True
            idle, busy = self._idle, self._all.difference(self._idle)
            self._idle, self._all = [], set()
        for process in busy:
            process.kill()
        for process in idle:
            process.close()

    def _take(self) -> FunctionProcess:
        while True:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                return self._start()
            if process.alive:
                return process
            self._drop(process)  # it ended between two invocations

    def _start(self) -> FunctionProcess:
        process = FunctionProcess(self._function)
        with self._lock:
            self._all.add(process)
            if not self._closed:
                return process
        self._drop(process)
        raise FunctionExited("the runner ends")

    def _drop(self, process: FunctionProcess) -> None:
        process.kill()
        with self._lock:
            self._all.discard(process)
