"""A registry that answers every request alike, and a worker that passes on what it gets."""

import json

from headrace import Worker
from tests.support.http_server import LoopbackServer, QuietHandler
from tests.support.payloads.messages import SCHEMAS

AVRO = json.dumps({"schema": SCHEMAS["AVRO"][0]}).encode()


class Orders(Worker):
    def process(self, record):
        return record.data


class Stand(LoopbackServer):
    """Answers every request alike, and keeps what was asked."""

    def __init__(self, status=200, body=AVRO, headers=None):
        super().__init__(_Answering)
        self.status, self.body, self.headers, self.asked = status, body, headers or {}, []

    @property
    def url(self):
        return f"http://{self.address}"


class _Answering(QuietHandler):
    def do_GET(self):
        owner = self.server.owner
        owner.asked.append((self.path, dict(self.headers)))
        self.reply(owner.status, owner.body, owner.headers)
