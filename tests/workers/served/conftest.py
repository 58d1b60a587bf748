"""Both inference workers in one server, with small models."""

import pytest

from headrace.store.publisher import Publisher
from tests.support.models import three_boxes, tumor
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
