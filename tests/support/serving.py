"""The server of `headrace serve` inside this process, and a worker that answers as it is asked."""

import asyncio
import http.client
import socket
import threading

from headrace import Reject, Reply, Worker
from headrace.log import logger
from headrace.serve.app import App
from headrace.serve.metrics import ServeMetrics
from headrace.serve.service import Named, Service
from headrace.serve.settings import ServeSettings
from headrace.web.api_key import ApiKey
from headrace.web.server import Bounds, Server
from headrace.web.tls.server import TlsServer

ALONE = (Named("echo", None),)
PICTURE = bytes(range(256))
HEAD = b"POST / HTTP/1.1\r\nHost: h\r\n"
OWN_HEADERS = (("server", "mine"), ("referrer-policy", "origin"), ("x-request-id", "mine"))


class Echo(Worker):
    """Answers as the body says; a gate holds requests up."""

    gate = threading.Event()
    entered = threading.Semaphore(0)
    calls = 0

    def process(self, record):
        type(self).calls += 1
        match record.value:
            case b"picture":
                return Reply(PICTURE, "image/png", headers=(("x-size", "256"),))
            case b"reject":
                raise Reject("not that", status=422, errors=[{"field": "a"}])
            case b"fail":
                raise ZeroDivisionError("a secret")
            case b"nothing":
                return None
            case b"204" | b"304" | b"404":
                return Reply(b"a body", status=int(record.value))
            case b"own headers":
                return Reply(b"1", "text/csv", headers=OWN_HEADERS)
            case b"wait":
                self.entered.release()
                assert self.gate.wait(30)
        headers = {name: value.decode() for name, value in record.headers}
        return {"size": len(record.value or b""), "headers": headers}


class RunningServer:
    """A server on a thread and an event loop of its own.

    Attributes:
        port: where it listens.
        services: what it serves.
        app: what it serves.
        log: what it logs with.
    """

    def __init__(self, names=ALONE, api_key="", tls=None, **settings):
        chosen = ServeSettings(serve_port=0, **settings)
        self.log = logger("serve", "CRITICAL")
        metrics = ServeMetrics()
        self.services = [Service(one, chosen, self.log, metrics.count_batch) for one in names]
        self.app = App(self.services, chosen, self.log, ApiKey(api_key), metrics)
        bounds = Bounds(chosen.serve_max_connections, chosen.serve_idle_seconds)
        served = self.app, (chosen.serve_host, chosen.serve_port), self.log, bounds
        server = TlsServer(*served, tls) if tls else Server(*served)
        self.port = server.port
        self._seconds = 5.0
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._drained = None
        self._thread = threading.Thread(target=self._run, args=(server,))
        self._thread.start()

    def open(self, *functions):
        """Set the functions up."""
        asyncio.run_coroutine_threadsafe(self.app.open(functions), self._loop).result(60)

    def drain(self, seconds=20.0):
        """Stop; whether every request had its answer by then."""
        self._seconds = seconds
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(seconds + 30)
        self.app.close()
        return self._drained

    def _run(self, server):
        async def serve():
            server.start()
            await self._stop.wait()
            return await self.app.drain(server, self._seconds)

        self._drained = self._loop.run_until_complete(serve())
        self._loop.close()

    @property
    def running(self):
        return self._thread.is_alive()

    def connect(self):
        """An HTTP connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method="POST", path="/", body=None, headers=None):
        """Status, headers and body of one request."""
        connection = self.connect()
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read()
        connection.close()
        return found

    def socket(self):
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), 30)

    def send(self, data, *, end=False):
        """All that comes back, up to the end of the connection, for bytes that are sent."""
        with self.socket() as connection:
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read()


def in_threads(count, work):
    """Starts threads; gives them, and the list that their results go to."""
    results = []
    threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def statuses(answer):
    """The statuses of all responses that came over one connection."""
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]
