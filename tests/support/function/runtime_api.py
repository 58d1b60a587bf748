"""Lambda's Runtime API as the service speaks it: errors told apart, init errors, any concurrency.

The runtime interface client in a container connects to it and takes invocations from it.
"""

import json
import queue
import time
import uuid
from typing import Any, NamedTuple

from tests.support.http_server import LoopbackServer, QuietHandler

_PREFIX = "/2018-06-01/runtime"


class FunctionError(Exception):
    """The function answered with an error; `kind` is its class, `message` its text."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.kind = document.get("errorType", "")
        self.message = document.get("errorMessage", "")
        super().__init__(f"{self.kind}: {self.message}")


class _Invocation(NamedTuple):
    id: str
    event: bytes
    deadline_ms: int


class RuntimeApi(LoopbackServer):
    """Serves one function on a loopback port; use it in a `with` statement.

    Attributes:
        address: for AWS_LAMBDA_RUNTIME_API.
        init_errors: what runtimes reported instead of asking for work.
    """

    def __init__(self) -> None:
        self.init_errors: queue.Queue[FunctionError] = queue.Queue()
        self.pending: queue.Queue[_Invocation] = queue.Queue()
        self.answers: dict[str, queue.Queue[tuple[str, bytes]]] = {}
        super().__init__(_Handler)

    def invoke(self, event: Any, timeout: float = 60) -> Any:
        """What the function returns for an event. Raises FunctionError where it raised."""
        deadline = int((time.time() + timeout) * 1000)
        invocation = _Invocation(str(uuid.uuid4()), json.dumps(event).encode(), deadline)
        answer = self.answers[invocation.id] = queue.Queue()
        self.pending.put(invocation)
        kind, body = answer.get(timeout=timeout)
        document = json.loads(body)
        if kind == "error":
            raise FunctionError(document)
        return document


class _Handler(QuietHandler):
    def do_GET(self) -> None:
        invocation = self.server.owner.pending.get()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:local:000000000000:function:f",
            "Lambda-Runtime-Trace-Id": "",
            "Content-Type": "application/json",
        }
        self.reply(200, invocation.event, headers)

    def do_POST(self) -> None:
        api, body = self.server.owner, self.body()
        *_, about, kind = self.path.removeprefix(_PREFIX).split("/")
        if about == "init":
            api.init_errors.put(FunctionError(json.loads(body)))
        else:
            api.answers.pop(about).put((kind, body))
        self.reply(202, b"{}")
