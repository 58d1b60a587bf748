"""The HTTP server of `headrace serve`: bounded bodies, probes, and an end in order."""

import http.server
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import Logger

from headrace.errors import Reject
from headrace.runner.function.http import INVOCATIONS
from headrace.serve.event import Answer, Request, problem_answer
from headrace.serve.function import ServedFunction

_PROBES = frozenset({"/healthz", "/readyz"})
_IDLE_SECONDS = 65.0  # longer than a load balancer keeps a connection: it closes, not we
_PIECE = 64 * 1024


class Server(http.server.ThreadingHTTPServer):
    """Serves a function; each connection has a thread.

    Args:
        address: host and port; port 0 takes a free one.
        function: what is served.
        max_body_bytes: a longer request is refused.
        log: gets a line for each request.
    """

    daemon_threads = True  # a call that hangs must not keep the process from ending
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], function: ServedFunction, max_body_bytes: int, log: Logger
    ) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        self.function = function
        self.max_body_bytes = max_body_bytes
        self.log = log
        self.draining = False
        self._connections: dict[socket.socket, bool] = {}  # whether it waits for a request
        self._changed = threading.Condition()

    def start(self) -> None:
        """Take connections, on a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.1,), name="accept").start()

    def drain(self, seconds: float) -> bool:
        """Take no more connections, end the idle ones, let the others finish their request.

        Returns:
            False where some had not within that time.
        """
        self.draining = True
        self.shutdown()
        self.server_close()
        with self._changed:
            for connection, idle in self._connections.items():
                if idle:
                    _end_input(connection)
            return self._changed.wait_for(lambda: not self._connections, seconds)

    def note(self, connection: socket.socket, *, idle: bool) -> None:
        """A connection begins to wait for a request, or has got one."""
        with self._changed:
            self._connections[connection] = idle
            if idle and self.draining:
                _end_input(connection)

    def forget(self, connection: socket.socket) -> None:
        """A connection is over."""
        with self._changed:
            self._connections.pop(connection, None)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection broke. The client knows; the line is for those who look for it."""
        del request
        self.log.debug("connection broke", client=client_address, exc_info=True)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "headrace"
    sys_version = ""
    timeout = _IDLE_SECONDS
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True
    error_content_type = "application/problem+json"
    error_message_format = '{"status": %(code)d}'

    def handle_one_request(self) -> None:
        """Wait for a request and answer it."""
        self.server.note(self.connection, idle=True)
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Read the head of a request."""
        self.server.note(self.connection, idle=False)
        return super().parse_request()

    def finish(self) -> None:
        """End the connection."""
        try:
            super().finish()
        finally:
            self.server.forget(self.connection)

    def _answer(self) -> None:
        begun = time.monotonic()
        try:
            body = self._body()
        except Reject as error:
            self.close_connection = True  # what is left of the body would be read as a request
            answer = problem_answer(error)
        else:
            answer = self._route(body)
        self._reply(answer)
        if self._path not in _PROBES:
            milliseconds = round((time.monotonic() - begun) * 1000, 1)
            self.server.log.info(
                "request",
                method=self.command,
                path=self._path,
                status=int(answer.status),
                milliseconds=milliseconds,
            )

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815

    def _route(self, body: bytes) -> Answer:
        function, path = self.server.function, self._path
        if path in _PROBES:
            well = path == "/healthz" or (function.ready and not self.server.draining)
            return Answer(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, {}, b"")
        if path == INVOCATIONS:
            return function.invocation(body)
        return function.request(
            Request(
                self.command,
                self.path,
                self.request_version,
                self.headers,
                body,
                self.client_address[0],
            )
        )

    @property
    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise Reject("a Content-Length is needed", status=HTTPStatus.LENGTH_REQUIRED)
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            raise Reject("Content-Length is not a number")
        most = self.server.max_body_bytes
        if int(length) > most:
            self._discard(min(int(length), 4 * most))
            detail = f"the body has {length} bytes; at most {most} are taken"
            raise Reject(detail, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.rfile.read(int(length))

    def _discard(self, length: int) -> None:
        # A client that still sends would not hear the answer.
        while length > 0 and (piece := self.rfile.read(min(length, _PIECE))):
            length -= len(piece)

    def _reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("content-length", str(len(answer.body)))
        if self.close_connection or self.server.draining:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_request(self, *_: object) -> None:
        """Logged with what it took, when the answer is out."""

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base's name
        """A request that cannot be read."""
        self.server.log.debug("bad request", detail=format % arguments)


def _end_input(connection: socket.socket) -> None:
    with suppress(OSError):  # it is over already
        connection.shutdown(socket.SHUT_RD)
