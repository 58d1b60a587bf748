"""What a cold start takes from the model mount: every file that it needs once, and nothing else."""

from collections import Counter

import pytest

from headrace.store.publisher import Publisher
from tests.support.containers.container import Function
from tests.support.containers.opened import Opened
from tests.support.models import three_boxes, tumor
from tests.support.models.store import version_folder

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="


def two_classifiers(models):
    """An older version, and the current one, which is returned."""
    tumor.publish(models, rounds=10)
    return tumor.publish(models)


def two_detectors(models):
    three_boxes.publish(Publisher(models), scale=0.9)
    return three_boxes.publish(Publisher(models))


@pytest.mark.parametrize(
    ("image", "worker", "publish", "event"),
    [
        ("classifier", "tumor_classifier", two_classifiers, tumor.EVENT),
        ("detector", "object_detector", two_detectors, {"url": PICTURE}),
    ],
)
def test_alias_manifest_and_model_are_opened_once(images, models, image, worker, publish, event):
    version = publish(models)
    environ = {"HEADRACE_IMAGE_ALLOW_DATA": "true"}
    handler = f"workers.{worker}.handler"
    with (
        Opened(models) as opened,
        Function(images, image, handler, models=models, environ=environ, memory=1024) as function,
    ):
        answer = function.invoke(event)
        assert "errorType" not in answer, answer
        read = Counter(opened.files())
    folder = version_folder(version)
    files = [folder / "manifest.json", *(folder / file.path for file in version.manifest.files)]
    assert read == Counter([models / version.model / "aliases" / "current", *files])
