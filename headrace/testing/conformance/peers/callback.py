"""Functions that live here and are called by a small one that is deployed elsewhere."""

import io
import json
import threading
import urllib.parse
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

# What is deployed: it asks here, and answers or raises as it is told.
_HANDLER = """
import json, urllib.request

def handler(event, context):
    asked = urllib.request.Request({url!r} + context.function_name, json.dumps(event).encode())
    told = json.load(urllib.request.urlopen(asked, timeout=60))
    if "error" in told:
        raise RuntimeError(told["error"])
    return told["value"]
"""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a function that took too long was ended, and has hung up."""


class CallbackServer:
    """Serves functions by name, for as long as the context lasts.

    Attributes:
        url: where; a function's name follows.
    """

    def __init__(self) -> None:
        self._functions: dict[str, Callable[[Any], Any]] = {}
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = owner._answer(urllib.parse.unquote(self.path[1:]), event)
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def code(self) -> bytes:
        """Return the archive of the function to deploy."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.py", _HANDLER.format(url=self.url))
        return archive.getvalue()

    def serve(self, name: str, function: Callable[[Any], Any]) -> None:
        """Have a function called under a name."""
        self._functions[name] = function

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, name: str, event: Any) -> bytes:
        try:
            return json.dumps({"value": self._functions[name](event)}).encode()
        except Exception as error:  # noqa: BLE001 - it is the function's, and told to who calls
            return json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()
