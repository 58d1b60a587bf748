"""Lambda's Runtime API as the service speaks it: errors told apart, init errors, any concurrency.

The runtime interface client in a container connects to it and takes invocations from it.
"""

import http.server
import json
import queue
import threading
import time
import uuid
from typing import Any, NamedTuple

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


class RuntimeApi:
    """Serves one function on a loopback port; use it in a `with` statement.

    Attributes:
        address: host:port, for AWS_LAMBDA_RUNTIME_API.
        init_errors: what runtimes reported instead of asking for work.
    """

    def __init__(self) -> None:
        self.init_errors: queue.Queue[FunctionError] = queue.Queue()
        self.pending: queue.Queue[_Invocation] = queue.Queue()
        self.answers: dict[str, queue.Queue[tuple[str, bytes]]] = {}
        outer = self

        class Handler(_Handler):
            api = outer

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> "RuntimeApi":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

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


class _Handler(http.server.BaseHTTPRequestHandler):
    api: RuntimeApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits for an acknowledgement

    def do_GET(self) -> None:
        invocation = self.api.pending.get()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:local:000000000000:function:f",
            "Lambda-Runtime-Trace-Id": "",
            "Content-Type": "application/json",
        }
        self._reply(200, invocation.event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        *_, about, kind = self.path.removeprefix(_PREFIX).split("/")
        if about == "init":
            self.api.init_errors.put(FunctionError(json.loads(body)))
        else:
            self.api.answers.pop(about).put((kind, body))
        self._reply(202, b"{}", {})

    def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""
