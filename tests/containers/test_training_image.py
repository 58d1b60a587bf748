"""The training image publishes; the classifier image serves it at once, and the one before too."""

import json

import pytest

from tests.support.containers.container import MODELS, Container, Function
from tests.support.models.tumor import EVENT, publish
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.containers, pytest.mark.slow(seconds=200), pytest.mark.timeout(2400)]


@pytest.fixture
def everything(images, training_image):
    return images


def trained(podman, models, *command, image="training", memory=2048):
    """What a publishing command prints; it must succeed."""
    with Container(
        podman,
        image,
        *command,
        environ={"OMP_NUM_THREADS": "1"},
        mounts=(f"{models}:{MODELS}",),
        memory=memory,
    ) as container:
        status = container.wait()
        assert status == 0, container.logs()
        return container.logs()


def version(function):
    return function.invoke(EVENT | {"explain": True})["model_version"]


def test_published_and_rolled_back_without_a_restart(everything, models):
    first = publish(models, metrics={"auc": 0.5, "accuracy": 0.5}).name
    environ = {"HEADRACE_MODEL_REFRESH_SECONDS": "1"}
    handler = "workers.tumor_classifier.handler"
    # So that the container's user may go on writing what this process began.
    for path in (models, *models.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    with Function(everything, "classifier", handler, models=models, environ=environ) as function:
        assert version(function) == first
        said = trained(everything, models)
        second = json.loads((models / "tumor/aliases/current").read_text())["version"]
        assert second != first
        assert f"published as {second}" in said
        wait_until(lambda: version(function) == second, 30, every=0.2)
        assert function.invoke(EVENT) == {"result": "B"}
        rollback = ("python3", "-m", "headrace", "models", "rollback", "tumor")
        trained(everything, models, *rollback, image="classifier", memory=512)
        wait_until(lambda: version(function) == first, 30, every=0.2)
