"""The training build as CodeBuild runs it: in the training image, on a mounted folder."""

import json

import pytest

from headrace.store.model_store import ModelStore
from headrace.store.signing import SigningKey
from tests.support.containers import buildspec

pytestmark = [pytest.mark.containers, pytest.mark.slow(seconds=150), pytest.mark.timeout(1800)]


@pytest.fixture
def build(training_image, models, tmp_path):
    """Runs the buildspec with its own command, podman in docker's place and other folders.

    The image that it builds is there already, and no layer of it is built twice.
    """
    podman = training_image
    key = SigningKey.generate()
    reports = tmp_path / "reports"
    command = buildspec.SPEC["env"]["variables"]["RUN"]
    for before, after in {
        "docker run": "podman run --network host",
        "/mnt/models:": f"{models}:",
        "/tmp/reports:/tmp/reports": f"{reports}:{reports}",
    }.items():
        assert before in command
        command = command.replace(before, after)

    def start(**variables):
        here = {
            **podman.environ,
            "BUILD": podman.builder(),
            "BASE_IMAGE": podman.base,
            "RUN": command,
            "REPORTS": str(reports),
            "TESTS": "",
            "DETECTOR_PRESET": "none",
            "HEADRACE_MODEL_SIGNING_KEY": key.pem(),
            "HEADRACE_MODEL_VERIFY_KEY": key.verify_key().text(),
            "OMP_NUM_THREADS": "1",
        }
        return buildspec.run(here | variables)

    start.store = ModelStore(models, key.verify_key())
    start.reports = reports
    return start


def test_the_buildspec_publishes_a_signed_model_from_the_training_image(build):
    done = build()
    assert done.failed_in is None, done.log
    assert '"result": "B"' in done.log
    version = build.store.verify("tumor")
    metrics = json.loads((build.reports / "tumor/metrics.json").read_text())
    assert metrics["auc"] == version.manifest.metrics["auc"]
