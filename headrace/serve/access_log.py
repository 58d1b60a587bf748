"""A line for each request, written for all at once that are answered at once.

Each time that a line is written, other threads get the interpreter, and the event loop has to wait
for it again: under load, that takes longer than all else about the line.
"""

import asyncio

from headrace.log import Log
from headrace.log_output import lines_at_once
from headrace.settings import LogLevel
from headrace.web.answer import Answer
from headrace.web.head import Head


class AccessLog:
    """Lists requests that are answered.

    Args:
        log: Gets a line for each.
        level: What is logged. Less than that of these lines is not even noted.
    """

    def __init__(self, log: Log, level: LogLevel) -> None:
        self._log = log
        self._is_on = level in {"DEBUG", "INFO"}
        self._answered: list[tuple[Head, Answer, float]] = []

    def add(self, head: Head, answer: Answer, seconds: float) -> None:
        """Note that a request was answered, on the event loop.

        Args:
            head: Of the request.
            answer: What was sent.
            seconds: How long that took.
        """
        if not self._is_on:
            return
        if not self._answered:
            asyncio.get_running_loop().call_soon(self._write)
        self._answered.append((head, answer, seconds))

    def _write(self) -> None:
        answered, self._answered = self._answered, []
        with lines_at_once():
            for head, answer, seconds in answered:
                self._log.info(
                    "request",
                    method=head.method,
                    path=head.path,
                    status=int(answer.status),
                    milliseconds=round(seconds * 1000, 1),
                    bytes=len(answer.body),
                    client=head.client,
                    request_id=head.request_id,
                )
