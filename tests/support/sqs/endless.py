"""A queue of large messages that are made as they are asked for: no stand-in could hold them.

It answers the three requests that the runner makes, and counts what was deleted.
"""

import itertools
import json
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    body = "x"
    left = 0
    numbers = itertools.count()
    lock = threading.Lock()

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = self.headers["X-Amz-Target"].partition(".")[2]
        answer = json.dumps(getattr(self, name)(asked)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass

    def GetQueueUrl(self, asked):  # noqa: N802 - the service's names
        return {"QueueUrl": f"http://{self.headers['Host']}/1/{asked['QueueName']}"}

    def GetQueueAttributes(self, _):  # noqa: N802
        return {
            "Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:1:large", "VisibilityTimeout": "60"}
        }

    def ReceiveMessage(self, asked):  # noqa: N802
        with self.lock:
            count = min(asked["MaxNumberOfMessages"], _Answers.left)
            _Answers.left -= count
            names = [str(next(self.numbers)) for _ in range(count)]
        return {
            "Messages": [
                {"MessageId": name, "ReceiptHandle": name, "Body": self.body} for name in names
            ]
        }

    def DeleteMessageBatch(self, asked):  # noqa: N802
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]], "Failed": []}

    ChangeMessageVisibilityBatch = DeleteMessageBatch


def _serve(pipe, count: int, size: int) -> None:
    _Answers.left, _Answers.body = count, "x" * size
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    pipe.send(server.server_port)
    server.serve_forever()


@contextmanager
def endless_queue(count: int, size: int) -> Iterator[str]:
    """Serve so many messages of so many bytes each, in a process of its own. Yields its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, count, size), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()
