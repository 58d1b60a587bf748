"""A server of one file, with all that goes wrong, and a download of it."""

import hashlib

from tests.support.http_server import LoopbackServer, QuietHandler
from training.detector.importing.fetch import fetch

CONTENT = bytes(range(256)) * 2000  # 512,000 bytes
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(LoopbackServer):
    """Serves CONTENT with ranges; what goes wrong is set by the tests."""

    def __init__(self):
        super().__init__(Handler)
        self.requests = []
        self.breaks = []  # after how many bytes of the answer to hang up, request by request
        self.statuses = []  # what to answer instead, request by request
        self.content = CONTENT
        self.etag = '"one"'
        self.ranges = True
        self.tells_length = True
        self.location = None
        self.interim = b""  # what to say before each answer

    @property
    def url(self):
        return f"http://{self.address}/model.tar.gz?token=1"


class Handler(QuietHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        server = self.server.owner
        server.requests.append(dict(self.headers))
        self.wfile.write(server.interim)
        status = server.statuses.pop(0) if server.statuses else 200
        if status != 200:
            self.send_response(status)
            if server.location:
                self.send_header("Location", server.location)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.ranged()
        hang_up = server.breaks.pop(0) if server.breaks else len(body)
        self.wfile.write(body[:hang_up])

    def ranged(self):
        server, wanted = self.server.owner, self.headers.get("Range")
        fresh = self.headers.get("If-Range") == server.etag
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and fresh else 0
        if not server.ranges or not start:
            start = 0
        if start >= len(server.content):
            self.send_response(416)
            self.end_headers()
            return b""
        self.send_response(206 if start else 200)
        if start:
            end = len(server.content)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        if server.tells_length:
            self.send_header("Content-Length", str(len(server.content) - start))
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        return server.content[start:]


def get(server, target, **changes):
    """Download the file."""
    options = {"max_bytes": 1_000_000, "sha256": DIGEST, "pause_seconds": 0} | changes
    fetch(server.url, target, **options)
