"""The classifier image behind the emulator: answers, partial responses, and what it refuses."""

import base64
import json
from pathlib import Path

import pytest

from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from headrace.store.signing import SigningKey
from tests.support.containers.container import MODELS, Container, Function
from tests.support.function.runtime_api import RuntimeApi
from tests.support.models.store import version_folder
from tests.support.models.tumor import EVENT, publish

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

EVENTS = Path(__file__).parents[1] / "events"
HANDLER = "workers.tumor_classifier.handler"
REPORTING = {"HEADRACE_REPORT_BATCH_ITEM_FAILURES": "true"}


def classifier(images, models, **environ):
    return Function(images, "classifier", HANDLER, models=models, environ=environ)


def kafka_event(*values):
    event = json.loads((EVENTS / "msk.json").read_text())
    template = event["records"]["orders-0"][0]
    event["records"] = {
        "orders-0": [
            template | {"offset": 100 + n, "value": base64.b64encode(value).decode()}
            for n, value in enumerate(values)
        ]
    }
    return event


def test_the_reference_event(images, models):
    publish(models)
    with classifier(images, models) as function:
        assert function.invoke(EVENT) == {"result": "B"}


def test_it_explains_itself(images, models):
    """The contributions take another way through XGBoost and SciPy than the plain answer."""
    publish(models)
    with classifier(images, models) as function:
        answer = function.invoke(EVENT | {"explain": True})
    total = answer["bias"] + sum(answer["contributions"].values())
    assert total == pytest.approx(answer["margin"], abs=1e-4)


def test_partial_responses_name_what_was_not_classified(images, models):
    publish(models)
    good = json.dumps(EVENT).encode()
    with classifier(images, models, **REPORTING) as function:
        answer = function.invoke(kafka_event(good, b"{}", good))
    (failure,) = answer["batchItemFailures"]
    assert failure["itemIdentifier"] == {"partition": "orders-0", "offset": 101}


def test_kinesis_records_that_are_no_measurements_come_again(images, models):
    publish(models)
    event = json.loads((EVENTS / "kinesis.json").read_text())
    with classifier(images, models, **REPORTING) as function:
        answer = function.invoke(event)
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert event["Records"][0]["kinesis"]["sequenceNumber"] in failed


def missing(models):
    return "VersionNotFoundError", "tumor"


def corrupt(models):
    version = publish(models)
    artifact = version_folder(version) / version.manifest.files[0].path
    artifact.chmod(0o644)
    artifact.write_bytes(artifact.read_bytes()[:-1] + b"?")
    return "VersionCorruptError", artifact.name


def unsigned(models):
    publish(models)
    return "SignatureError", "sign"


@pytest.mark.parametrize("prepare", [missing, corrupt, unsigned])
def test_an_unusable_model_is_one_clear_init_error(images, models, prepare):
    kind, named = prepare(models)
    key = SigningKey.generate().verify_key().text() if prepare is unsigned else ""
    with RuntimeApi() as api:
        environ = {"AWS_LAMBDA_RUNTIME_API": api.address, "HEADRACE_MODEL_VERIFY_KEY": key}
        with Container(
            images, "classifier", environ=environ, mounts=(f"{models}:{MODELS}:ro",)
        ) as container:
            assert container.wait() == 1
        error = api.init_errors.get(timeout=5)
        assert api.init_errors.empty()
    assert error.kind == kind
    assert named in error.message
    assert "\n" not in error.message


def test_a_signed_model_is_served_under_its_key(images, models):
    key = SigningKey.generate()
    version = publish(models)
    files = {entry.path: version.read(entry.path) for entry in version.manifest.files}
    fields = {name: getattr(version.manifest, name) for name in Description.__struct_fields__}
    Publisher(models, signing_key=key).publish(files, Description(**fields))
    with classifier(images, models, HEADRACE_MODEL_VERIFY_KEY=key.verify_key().text()) as function:
        assert function.invoke(EVENT) == {"result": "B"}
