"""The object detector with a model of three boxes, and an image server."""

import pytest

from headrace import lambda_handler
from headrace.store.publisher import Publisher
from tests.support.grey_pictures import Images
from tests.support.http_server import LoopbackServer
from tests.support.models.three_boxes import publish
from workers.object_detector import ObjectDetector


@pytest.fixture(scope="module")
def server():
    """The address of the image server."""
    with LoopbackServer(Images) as running:
        yield f"http://{running.address}"


@pytest.fixture
def store(tmp_path):
    """The store of models."""
    return Publisher(tmp_path / "models")


@pytest.fixture
def sink(tmp_path):
    """The file of results."""
    return tmp_path / "results.jsonl"


@pytest.fixture
def environment(monkeypatch, store, server, sink):
    """The variables of the worker; a test may change them."""
    publish(store)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(store.root))
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "0")
    monkeypatch.setenv("HEADRACE_IMAGE_ALLOW_HOSTS", server.removeprefix("http://"))
    monkeypatch.setenv("HEADRACE_SINK_URL", f"file:{sink}")
    monkeypatch.setenv("HEADRACE_DEAD_LETTER_URL", f"file:{sink}.dead")
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    return monkeypatch


@pytest.fixture
def handler(environment):
    """The worker's handler."""
    handler = lambda_handler(ObjectDetector)
    yield handler
    handler.close()
