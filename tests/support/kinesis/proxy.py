"""A proxy in front of kinesis-mock that lets requests fail as the service does."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.support.http_server import LoopbackServer, QuietHandler
from tests.support.kinesis.events import Ending, relay

# Takes the operation and its arguments; returns the code of an error, or None to let it pass.
Fault = Callable[[str, dict], str | None]


class KinesisProxy(LoopbackServer):
    """Passes requests on, except where `fault` says otherwise.

    Attributes:
        url: where it listens.
        fault: decides on each request.
        endings: how subscriptions end, and after how many events, one after the other; further
            ones last.
        passed: how many requests of each operation were passed on.
        refused: how many were not.
    """

    def __init__(self, endpoint: str) -> None:
        self.fault: Fault = lambda operation, arguments: None
        self.endings: Iterator[tuple[int, Ending]] = iter(())
        self.passed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._target = urlsplit(endpoint).netloc
        super().__init__(_Handler)
        self.url = f"http://{self.address}"

    def judge(self, operation: str, body: bytes) -> str | None:
        """The code of the error that the request is answered with; None: it passes."""
        with self._lock:
            code = self.fault(operation, json.loads(body))
            (self.passed if code is None else self.refused)[operation] += 1
        return code

    @contextmanager
    def forwarded(self, headers, body: bytes) -> Iterator[http.client.HTTPResponse]:
        """The answer of the server behind, unread."""
        connection = http.client.HTTPConnection(self._target, timeout=60)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() != "host"}
            connection.request("POST", "/", body, kept)
            yield connection.getresponse()
        finally:
            connection.close()


class _Handler(QuietHandler):
    def do_POST(self) -> None:
        proxy, body = self.server.owner, self.body()
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        code = proxy.judge(operation, body)
        if code is not None:
            self._answer(400, json.dumps({"__type": code, "message": "injected"}).encode())
            return
        with proxy.forwarded(self.headers, body) as answer:
            if operation == "SubscribeToShard" and answer.status == 200:
                self._relay(answer, *next(proxy.endings, (0, "end")))
            else:
                self._answer(answer.status, answer.read())

    def _answer(self, status: int, body: bytes) -> None:
        self.reply(status, body, {"Content-Type": "application/x-amz-json-1.1"})

    def _relay(self, answer: http.client.HTTPResponse, after: int, ending: Ending) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.amazon.eventstream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            relay(answer, self._chunk, after, ending)
            self._chunk(b"")
        except (ConnectionError, http.client.HTTPException):
            pass  # broken off by the test, or a side has gone

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
