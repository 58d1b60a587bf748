"""A function behind HTTP: as the runtime interface emulator answers, and as AWS Lambda does."""

import http.server
import json
import threading
import time
from typing import Any

from headrace.runner.function.context import Context
from tests.support.http_server import LoopbackServer, QuietHandler

NAME = "orders-consumer"
ARN = f"arn:aws:lambda:eu-west-1:000000000000:function:{NAME}"


class HangUp(Exception):
    """Raised by a function: its container dies, and the connection with it."""


class LambdaApi(LoopbackServer):
    """Serves a Python function on a loopback port; use it in a `with` statement.

    Args:
        function: takes (event, context).
        timeout: seconds of one invocation; the emulator and the service say so when it is over.

    Attributes:
        url: where it listens.
        events: what was delivered, in the order of arrival.
        throttles: refuse so many of the next calls.
        connections: how many a client has opened.
        most_at_once: the most invocations that ran at one time.
    """

    def __init__(self, function: Any, timeout: float = 60) -> None:
        self.function = function
        self.timeout = timeout
        self.events: list[Any] = []
        self.throttles = 0
        self.connections = 0
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        super().__init__(_Handler, _Server)
        self.url = f"http://{self.address}"

    def answer(self, name: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for one call. Raises HangUp where there is to be none."""
        with self._lock:
            if self.throttles:
                self.throttles -= 1
                return self.busy()
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self._invoke(name, body)
        finally:
            with self._lock:
                self._at_once -= 1

    def _invoke(self, name: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        event = json.loads(body)
        self.events.append(event)
        try:
            value = self.function(event, Context(name, time.monotonic() + self.timeout))
            return 200, {}, json.dumps(value).encode()
        except HangUp:
            raise
        except TimeoutError:
            return self.timed_out()
        except Exception as error:
            return self.failed(type(error).__name__, str(error))

    def busy(self) -> tuple[int, dict[str, str], bytes]:
        raise NotImplementedError

    def timed_out(self) -> tuple[int, dict[str, str], bytes]:
        raise NotImplementedError

    def failed(self, kind: str, message: str) -> tuple[int, dict[str, str], bytes]:
        raise NotImplementedError


class Emulator(LambdaApi):
    """As the runtime interface emulator: errors come with status 200, a timeout as plain words.

    A function tells it of its timeout by raising TimeoutError.
    """

    def busy(self) -> tuple[int, dict[str, str], bytes]:
        return 400, {}, b""

    def timed_out(self) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, f"Task timed out after {self.timeout:.2f} seconds".encode()

    def failed(self, kind: str, message: str) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, _error(kind, message)


class Service(LambdaApi):
    """As AWS Lambda: a header marks an error of the function, and throttles are 429.

    It knows one function, by its name and by its ARN.
    """

    def answer(self, name: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if name not in {NAME, ARN}:
            return _refusal(404, "ResourceNotFoundException", f"Function not found: {name}")
        if len(body) > 6 * 1024 * 1024:
            return _refusal(413, "RequestTooLargeException", "Request must be smaller")
        return super().answer(name, body)

    def busy(self) -> tuple[int, dict[str, str], bytes]:
        return _refusal(429, "TooManyRequestsException", "Rate Exceeded.")

    def timed_out(self) -> tuple[int, dict[str, str], bytes]:
        text = f"2026-01-01T00:00:00Z r-1 Task timed out after {self.timeout:.2f} seconds"
        return 200, _UNHANDLED, _error("Sandbox.Timedout", text)

    def failed(self, kind: str, message: str) -> tuple[int, dict[str, str], bytes]:
        return 200, _UNHANDLED, _error(kind, message)

    def environment(self) -> dict[str, str]:
        """The variables by which boto3 finds it."""
        return {
            "AWS_ENDPOINT_URL_LAMBDA": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }


_UNHANDLED = {"X-Amz-Function-Error": "Unhandled"}


def _error(kind: str, message: str) -> bytes:
    document = {"errorMessage": message, "errorType": kind, "requestId": "r-1", "stackTrace": []}
    return json.dumps(document).encode()


def _refusal(status: int, kind: str, message: str) -> tuple[int, dict[str, str], bytes]:
    body = {"Type": "User", "message": message}
    return status, {"x-amzn-ErrorType": kind}, json.dumps(body).encode()


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Quiet: a client that has waited long enough is gone when its answer comes."""


class _Handler(QuietHandler):
    def setup(self) -> None:
        super().setup()
        self.server.owner.connections += 1

    def do_POST(self) -> None:
        body = self.body()
        name = self.path.removeprefix("/2015-03-31/functions/").removesuffix("/invocations")
        try:
            status, headers, answer = self.server.owner.answer(name.replace("%3A", ":"), body)
        except HangUp:
            self.close_connection = True
            return
        self.reply(status, answer, headers)
