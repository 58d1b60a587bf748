"""The function that a server serves: calls, and what a caller hears of their failures."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from headrace import json_text
from headrace.errors import Reject, message_of
from headrace.handler import Handler
from headrace.log import Log
from headrace.runner.function.context import close
from headrace.runner.function.errors import FunctionTimeout
from headrace.runner.function.open import open_function
from headrace.runner.function.types import Call
from headrace.serve.event import http_event
from headrace.serve.record import record_of
from headrace.web.answer import Answer, http_answer, problem_answer, result_answer
from headrace.web.head import Head

_JSON = (("content-type", "application/json"),)


class Asked(NamedTuple):
    """A request that is to be answered."""

    head: Head
    body: bytes


class ServedFunction:
    """Answers HTTP requests, and invocations as the Lambda runtime interface does.

    Args:
        timeout: Seconds of one call; after that, the child process that makes it is ended.
        log: Is told of calls that failed, with their cause.

    Attributes:
        ready: Whether the function is set up.
        handler: The worker's handler, if it is one of this process.
    """

    def __init__(self, timeout: float | None, log: Log) -> None:
        self.ready = False
        self.handler: Handler | None = None
        self._timeout = timeout
        self._log = log
        self._call: Call | None = None

    def open(self, function: Any) -> None:
        """Set the function up. Raises whatever keeps it from that."""
        self._call = open_function(function, self._timeout)
        if isinstance(function, Handler) and self._timeout is None:
            self.handler = function
        self.ready = True

    def close(self) -> None:
        """Let go of the function's processes."""
        self.ready = False
        close(self._call)

    @property
    def takes_batches(self) -> bool:
        """Whether it answers several requests in one call, cheaper than each for itself."""
        return self.handler is not None and self.handler.takes_batches

    def answers(self, asked: Sequence[Asked]) -> list[Answer]:
        """Answer HTTP requests: by a worker of this process in one call."""
        if self.handler is None:
            return [self._by_event(*one) for one in asked]
        outcomes = self.handler.answer([record_of(*one) for one in asked])
        failures = outcomes.failures
        return [
            problem_answer(failures[index])
            if index in failures
            else self._said(outcomes.results[index])
            for index in range(len(asked))
        ]

    def _said(self, result: object) -> Answer:
        try:
            return result_answer(result)
        except json_text.JsonError as error:  # the result cannot be said
            self._log.exception("call failed")
            return problem_answer(error)

    def _by_event(self, head: Head, body: bytes) -> Answer:
        try:
            return http_answer(self._invoke(http_event(head, body)))
        except FunctionTimeout as error:
            self._log.error("call failed", reason=str(error))
            late = Reject("the function took too long", status=HTTPStatus.GATEWAY_TIMEOUT)
            return problem_answer(late)
        except Exception as error:  # noqa: BLE001 - logged, and the caller hears of it
            self._log.exception("call failed")
            return problem_answer(error)

    def invocation(self, body: bytes) -> Answer:
        """Answer an invocation: an event in, the response or the error of the function out."""
        try:
            event = json_text.decode(body or b"null")
        except json_text.JsonError as error:
            return problem_answer(Reject(f"the event is not JSON: {error}"))
        try:
            return Answer(HTTPStatus.OK, _JSON, json_text.encode(self._invoke(event)))
        except FunctionTimeout as error:
            self._log.error("call failed", reason=str(error))
            return _function_error(
                "Sandbox.Timedout", f"Task timed out after {self._timeout:.2f} seconds"
            )
        except Exception as error:  # noqa: BLE001 - logged, and the caller hears of it
            self._log.exception("call failed")
            return _function_error(type(error).__name__, message_of(error))

    def _invoke(self, event: Any) -> Any:
        assert self._call  # noqa: S101 - no call is made before the function is open
        return self._call(event)


def _function_error(kind: str, message: str) -> Answer:
    document = {"errorType": kind, "errorMessage": message}
    headers = (*_JSON, ("x-amz-function-error", "Unhandled"))
    return Answer(HTTPStatus.OK, headers, json_text.encode(document))
