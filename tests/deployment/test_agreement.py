"""The template, the images and the code mean the same things by the same names."""

import ast
import importlib
import re
import tomllib

import pytest

from headrace.handler import Handler
from headrace.images import ImageSettings
from headrace.payloads.settings import PayloadSettings
from headrace.settings import read, variable
from headrace.store.settings import StoreSettings
from headrace.store.signing import SigningKey
from headrace.worker import WorkerSettings
from tests.support.containers.images import ARGUMENTS, IMAGES
from tests.support.deployment.names import names
from tests.support.deployment.template import (
    ROOT,
    functions,
    handler,
    load,
    resources,
    text,
    variables,
)
from workers.msk_client import MskSettings
from workers.uploads import UploadSettings

# What the code behind each handler reads from the environment.
READS = {
    "workers.msk_consumer.handler": (WorkerSettings,),
    "workers.kinesis_consumer.handler": (WorkerSettings,),
    "workers.tumor_classifier.handler": (WorkerSettings, StoreSettings),
    "workers.object_detector.handler": (
        WorkerSettings,
        StoreSettings,
        ImageSettings,
        UploadSettings,
    ),
    "workers.msk_client.handler": (MskSettings,),
}

DEFAULTS_WILL_DO = {
    "HEADRACE_DEADLINE_RESERVE_SECONDS": "a second is enough to report, whatever the timeout",
    "HEADRACE_EMF_METRICS": "on by itself inside Lambda",
    "HEADRACE_KPL_DEAGGREGATION": "records that were packed into one are taken apart",
    "HEADRACE_MODEL_REFRESH_SECONDS": "a new version is served within a minute",
    "HEADRACE_MODEL_TRIAL_SECONDS": "five minutes are enough for any model of these functions",
    "HEADRACE_IMAGE_ALLOW_HOSTS": "private addresses stay out of reach",
    "HEADRACE_IMAGE_ALLOW_HTTP": "images come over TLS",
    "HEADRACE_IMAGE_ALLOW_S3": "URLs of callers are not read from buckets; uploads are",
    "HEADRACE_IMAGE_ALLOW_DATA": "images are given by address",
    "HEADRACE_IMAGE_MAX_BYTES": "set to what the function's memory takes",
    "HEADRACE_IMAGE_MAX_PIXELS": "set to what the function's memory takes",
    "HEADRACE_ONCE_LEASE_SECONDS": "no worker of the stack has effects that must happen once",
    "HEADRACE_ONCE_STORE": "no worker of the stack has effects that must happen once",
    "HEADRACE_REPORT_BATCH_ITEM_FAILURES": "only where there is a mapping",
    "HEADRACE_UNWRAP": "uploads come from the bus, and the queue holds requests alone",
    "HEADRACE_WORKER_CONCURRENCY": "callers of the inference functions send one record",
    **dict.fromkeys(
        (variable(name) for name in PayloadSettings.__struct_fields__),
        "no producer of the stack uses a schema registry",
    ),
}

each_function = pytest.mark.parametrize("name", functions())


@each_function
def test_every_variable_is_a_setting_of_the_code(name):
    function = functions()[name]
    assert set(variables(function)) <= names(READS[handler(function)])


@each_function
def test_every_setting_is_a_variable_or_left_alone_for_a_reason(name):
    function = functions()[name]
    unset = names(READS[handler(function)]) - set(variables(function))
    assert unset <= set(DEFAULTS_WILL_DO)


def test_no_reason_is_left_over():
    unset = set()
    for function in functions().values():
        unset |= names(READS[handler(function)]) - set(variables(function))
    assert unset == set(DEFAULTS_WILL_DO)


@each_function
def test_the_code_takes_the_values(name):
    """Each literal and each parameter's default, as the container would get them."""
    function = functions()[name]
    environ = {key: plain(value) for key, value in variables(function).items()}
    for kind in READS[handler(function)]:
        read(kind, environ)


def plain(value):
    if isinstance(value, dict) and "Ref" in value:
        return str(load()["Parameters"][value["Ref"]].get("Default", "any"))
    return text(value) if not isinstance(value, dict) or "Fn::Sub" in value else "arn:any"


@each_function
def test_the_handler_is_in_the_code_and_in_the_image(name):
    module, attribute = handler(functions()[name]).rsplit(".", 1)
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, Handler) == (module != "workers.msk_client")
    assert callable(found)
    assert module.partition(".")[0] in ARGUMENTS["FOLDERS"].split()


@each_function
def test_the_image_is_one_of_ours_and_the_command_its_own_with_another_handler(name):
    about = resources()[name]["Metadata"]
    assert (about["Dockerfile"], about["DockerContext"]) == ("docker/Dockerfile", ".")
    assert about["DockerBuildArgs"] == IMAGES[f"headrace-{about['DockerTag']}"]
    *command, _ = functions()[name]["ImageConfig"]["Command"]
    assert command == ["python3", "-m", "awslambdaric"]


def test_the_key_that_keygen_prints_is_taken():
    pattern = load()["Parameters"]["ModelVerifyKey"]["AllowedPattern"]
    for _ in range(20):
        assert re.fullmatch(pattern, SigningKey.generate().verify_key().text())


@pytest.mark.parametrize("name", ["TumorClassifier", "ObjectDetector"])
def test_models_are_looked_for_where_they_are_mounted(name):
    function = functions()[name]
    (mount,) = function["FileSystemConfigs"]
    assert re.fullmatch(r"/mnt/[A-Za-z0-9_.-]+", mount["LocalMountPath"])  # what Lambda takes
    assert (variables(function)["HEADRACE_MODEL_ROOT"] + "/").startswith(
        mount["LocalMountPath"] + "/"
    )
    root = variables(function)["HEADRACE_MODEL_ROOT"]
    assert f"HEADRACE_MODEL_ROOT={root} " in (ROOT / "docker/Dockerfile").read_text()


def test_the_images_hold_the_description_of_every_service_that_is_called():
    """`docker/trim.py` takes the others out of botocore."""
    tree = ast.parse((ROOT / "docker/trim.py").read_text())
    (kept,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SERVICES"
    ]
    called = re.findall(r'boto3\.client\("(\w+)"', (ROOT / "workers/msk_client.py").read_text())
    assert called == ["kafka"]
    assert set(called) <= set(kept)


def test_the_commands_to_try_name_files_that_exist():
    commands = [
        text(output["Value"])
        for output in load()["Outputs"].values()
        if "Fn::Sub" in output["Value"]
    ]
    files = {f for c in commands for f in re.findall(r"file://(\S+)", c)} - {"signing.pem"}
    assert files
    assert [f for f in files if not (ROOT / f).is_file()] == []


def test_the_command_that_calls_the_detector_goes_where_callers_go_and_says_who_they_are():
    outputs = load()["Outputs"]
    told = outputs["CallDetector"]["Value"]["Fn::Sub"][1]
    assert told["Url"] == outputs["ApiUrl"]["Value"]
    condition, token, signature = told["Caller"]["Fn::If"]
    assert (condition, "Bearer" in token) == ("UsesJwt", True)
    assert "--aws-sigv4" in text(signature)
    assert told["Certificate"]["Fn::If"][0] == "HasTruststore"


def test_sam_builds_with_what_the_dockerfile_asks_for():
    """Of itself it takes a builder that knows no mounts."""
    assert "RUN --mount" in (ROOT / "docker/Dockerfile").read_text()
    told = tomllib.loads((ROOT / "samconfig.toml").read_text())
    assert told["default"]["build"]["parameters"]["use_buildkit"] is True
