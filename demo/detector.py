"""The demo's detector: publish the one that ships, ask it about an image on localhost, draw."""

import base64
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson

from headrace.handler import Handler
from headrace.settings import read
from headrace.store.settings import PublisherSettings
from training.detector.publishing.ship import SHIPPED, install
from workers.object_detector import ObjectDetector

_IMAGE = Path("examples/digits.jpg")
_SURE = 0.5


def detect(folder: Path) -> bool:
    """Returns whether the detector found something in the example image and drew it.

    Args:
        folder: where the drawing goes.
    """
    settings = read(PublisherSettings)
    version = install(SHIPPED, settings.store(), settings)
    sys.stdout.write(f"detector published as {version.name}\n")
    with _serving(_IMAGE.parent) as address:
        os.environ["HEADRACE_IMAGE_ALLOW_HOSTS"] = (
            address  # plain http and loopback, for this host alone
        )
        handler = Handler(ObjectDetector)
        event = {"url": f"http://{address}/{_IMAGE.name}", "min_score": _SURE}
        answer = handler(event)
        drawing = handler(event | {"draw": True})
    found = orjson.loads(answer["body"])
    rows = zip(found["detection_class_entities"], found["detection_scores"], strict=True)
    objects = ", ".join(f"{entity} ({score:.2f})" for entity, score in rows)
    sys.stdout.write(f"{event['url']} -> {answer['statusCode']}: {objects}\n")
    picture = folder / "boxes.png"
    picture.write_bytes(base64.b64decode(drawing["body"]))
    sys.stdout.write(f"boxes drawn into {picture.relative_to(Path.cwd())}\n")
    return bool(objects)


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """A web server on localhost for the files of a folder; yields its host and port."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: the demo's own lines tell the story."""
