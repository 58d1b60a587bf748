"""Both inference workers in one server, with small models, and in another its page."""

import pytest

from headrace.store.publisher import Publisher
from tests.support.browser import DESKTOP, Opened, chromium
from tests.support.http_server import LoopbackServer
from tests.support.models import three_boxes, tumor
from tests.support.page import WORKERS, Pictures, white
from tests.support.served import serve


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    tumor.publish(folder / "models")
    three_boxes.publish(Publisher(folder / "models"))
    env = {
        "HEADRACE_MODEL_ROOT": str(folder / "models"),
        "HEADRACE_IMAGE_ALLOW_DATA": "true",
        "HEADRACE_MODEL_REFRESH_SECONDS": "3600",
        # A fuzzer's URLs lead nowhere, and must do so soon.
        "HEADRACE_IMAGE_DEADLINE_SECONDS": "1",
    }
    with serve(folder, "workers.tumor_classifier workers.object_detector", **env) as server:
        yield server


@pytest.fixture(scope="session")
def pictures():
    """The address of a server of pictures."""
    with LoopbackServer(Pictures) as running:
        yield running.address


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Two versions of the classifier, one of the detector."""
    root = tmp_path_factory.mktemp("page") / "models"
    tumor.publish(root, rounds=30)
    files = {"model_card.md": b"# A card\n\nIt says **much**.", "roc.png": white()}
    tumor.publish(root, metrics={"auc": 0.99}, more=files)
    three_boxes.publish(Publisher(root))
    return root


@pytest.fixture(scope="session")
def server(store, pictures, tmp_path_factory):
    """The server whose page is tested."""
    env = {
        "HEADRACE_MODEL_ROOT": str(store),
        "HEADRACE_IMAGE_ALLOW_HOSTS": pictures,
        "HEADRACE_SERVE_ROLLBACK": "true",
    }
    with serve(tmp_path_factory.mktemp("server"), WORKERS, **env) as served:
        yield served


@pytest.fixture(scope="module")
def browser():
    """The browser; while it is there, no other test of its process has an event loop."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, server):
    """Opens the page; at the end there is no error, and no other host was asked."""
    pages = []

    def begin(viewport=DESKTOP, scheme="light", url=server.url):
        pages.append(Opened(browser, url, viewport, scheme))
        return pages[-1]

    yield begin
    for one in pages:
        assert (one.errors, one.elsewhere) == ([], [])
        one.close()
