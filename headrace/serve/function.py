"""The function that a server serves: so many calls at once, and what a caller hears of failures."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import orjson

from headrace.errors import Reject
from headrace.runner.function.context import close
from headrace.runner.function.errors import FunctionTimeout
from headrace.runner.function.open import Call, open_function
from headrace.serve.event import Answer, Request, http_answer, http_event, problem_answer

_WAIT_SECONDS = 5.0
_JSON = {"content-type": "application/json"}


class _Busy(Exception):
    """No call can be taken now."""


class ServedFunction:
    """Answers HTTP requests, and invocations as the Lambda runtime interface does.

    Args:
        concurrency: how many calls may run at once. A further one waits a moment for its turn.
        timeout: seconds of one call; then the function, in a process of its own, is ended.

    Attributes:
        ready: whether calls are taken.
    """

    def __init__(self, concurrency: int, timeout: float | None) -> None:
        self.ready = False
        self._timeout = timeout
        self._slots = threading.BoundedSemaphore(concurrency)
        self._call: Call | None = None

    def open(self, function: Any) -> None:
        """Set the function up. Raises whatever keeps it from that."""
        self._call = open_function(function, self._timeout)
        self.ready = True

    def close(self) -> None:
        """Let go of the function's processes."""
        close(self._call)

    def request(self, request: Request) -> Answer:
        """Answer an HTTP request."""
        try:
            with self._turn() as call:
                return http_answer(call(http_event(request)))
        except _Busy:
            busy = Reject("no call can be taken now", status=HTTPStatus.SERVICE_UNAVAILABLE)
            return problem_answer(busy, **{"retry-after": "1"})
        except FunctionTimeout:
            late = Reject("the function took too long", status=HTTPStatus.GATEWAY_TIMEOUT)
            return problem_answer(late)
        except Exception as error:  # noqa: BLE001 - the caller hears that something failed
            return problem_answer(error)

    def invocation(self, body: bytes) -> Answer:
        """Answer an invocation: an event in, the response or the error of the function out."""
        try:
            event = json.loads(body or b"null")  # unlike orjson, it takes integers of any size
        except ValueError as error:
            return problem_answer(Reject(f"the event is not JSON: {error}"))
        try:
            with self._turn() as call:
                return Answer(HTTPStatus.OK, _JSON, orjson.dumps(call(event)))
        except _Busy:
            return Answer(HTTPStatus.TOO_MANY_REQUESTS, _JSON, b"{}")
        except FunctionTimeout:
            return _function_error(
                "Sandbox.Timedout", f"Task timed out after {self._timeout:.2f} seconds"
            )
        except Exception as error:  # noqa: BLE001 - as the interface reports it
            return _function_error(type(error).__name__, str(error))

    @contextmanager
    def _turn(self) -> Iterator[Call]:
        if self._call is None or not self._slots.acquire(timeout=_WAIT_SECONDS):
            raise _Busy
        try:
            yield self._call
        finally:
            self._slots.release()


def _function_error(kind: str, message: str) -> Answer:
    document = {"errorType": kind, "errorMessage": message}
    headers = _JSON | {"x-amz-function-error": "Unhandled"}
    return Answer(HTTPStatus.OK, headers, orjson.dumps(document))
