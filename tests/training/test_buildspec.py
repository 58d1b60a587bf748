"""The training build, phase by phase, against a folder in place of the mounted file system."""

import pytest

from headrace.store.errors import VersionNotFoundError
from tests.support.containers.buildspec import tool
from tests.support.lazily import Lazily

candidate = Lazily("training.tumor.candidate")


@pytest.mark.slow
def test_it_trains_publishes_signed_and_reports(build, store, shim, tmp_path):
    done = build(RUN=shim("training", 'exec "$@" --repeats 2'), BUILD="true")
    assert done.failed_in is None, done.log
    assert store.verify(candidate.MODEL).manifest.metrics["auc"] >= candidate.GATES["auc"]
    assert '"result": "B"' in done.log
    assert (tmp_path / "reports/tumor/metrics.json").is_file()
    with pytest.raises(VersionNotFoundError):
        store.open("detector")


def test_nothing_is_trained_when_the_tests_fail(build, shim, tmp_path):
    tool(tmp_path / "tools", "make", 'echo "tests: $*"; exit 1')
    image = shim("training", "echo trained")
    done = build(RUN=image, BUILD="true", TESTS="tests/models")
    assert done.failed_in == "pre_build"
    assert "tests: test ARGS=tests/models" in done.log
    assert "trained" not in done.log


def test_nothing_is_trained_without_a_key_to_sign_with(build):
    done = build(HEADRACE_MODEL_SIGNING_KEY="")
    assert done.failed_in == "install"
    assert "HEADRACE_MODEL_SIGNING_KEY is empty" in done.log


def test_nothing_but_what_signs_sees_the_key(build, shim, tmp_path):
    """GIVEN the key in its secret THEN training has it, and no test and no other command."""
    seen = tmp_path / "seen"
    note = f'echo "$1 ${{HEADRACE_MODEL_SIGNING_KEY:-nothing}}" >>{seen}'
    tool(tmp_path / "tools", "aws", '[ "$1 $4" = "secretsmanager the-secret" ] && echo the-key')
    tool(tmp_path / "tools", "make", f"set make; {note}")
    image = shim("training", f"set training; {note}")
    shim("invoke", f"""set invoke; {note}; echo '{{"result": "B"}}'""")
    shim("models", f"set models; {note}")
    done = build(
        RUN=image,
        BUILD="true",
        TESTS="tests/models",
        HEADRACE_MODEL_SIGNING_KEY="",
        SIGNING_KEY_SECRET="the-secret",
    )
    assert done.failed_in is None, done.log
    assert set(seen.read_text().splitlines()) == {
        *("make nothing", "training the-key", "invoke nothing", "models nothing"),
    }


def test_a_secret_that_cannot_be_read_ends_the_build_at_once(build, tmp_path):
    tool(tmp_path / "tools", "aws", 'echo "ResourceNotFoundException" >&2; exit 254')
    done = build(HEADRACE_MODEL_SIGNING_KEY="", SIGNING_KEY_SECRET="the-secret")
    assert done.failed_in == "install"
    assert "ResourceNotFoundException" in done.log
    assert "HEADRACE_MODEL_SIGNING_KEY is empty" in done.log


def test_the_image_is_built_and_used(build, shim, tmp_path):
    image = shim("training", "exit 7")
    tool(tmp_path / "tools", "builder", 'echo "built: $*"')
    done = build(RUN=image, BUILD="builder", BASE_IMAGE="a-base")
    assert "built: --build-arg REQUIREMENTS=training-detector" in done.log
    assert "--build-arg BASE_IMAGE=a-base" in done.log
    assert done.failed_in == "build"


def test_the_detectors_preset_is_the_builds(build, shim):
    image = shim("training", 'echo "$*"; [ "$4" = tumor ]')
    shim("invoke", """echo '{"result": "B"}'""")
    done = build(RUN=image, BUILD="true", DETECTOR_PRESET="quick")
    assert done.failed_in == "build"
    assert "training detector --preset quick" in done.log


def test_the_package_of_real_objects_is_fetched_here_and_checked_in_the_image(
    build, shim, tmp_path
):
    image = shim("training", 'case "$4" in tumor) ;; *) echo "$*"; cat; false ;; esac')
    shim("invoke", """echo '{"result": "B"}'""")
    tool(tmp_path / "tools", "npm", 'echo "the bytes of $3" > package.tgz')
    done = build(RUN=image, BUILD="true", DETECTOR_PRESET="objects")
    assert done.failed_in == "build"
    assert "training objects --package -" in done.log
    assert "the bytes of @mediapipe/objectron@" in done.log


def test_the_file_system_is_mounted_over_tls_through_the_access_point(build, tmp_path):
    tool(tmp_path / "tools", "dnf", 'echo "dnf: $*"')
    tool(tmp_path / "tools", "mount", 'echo "mount: $*"; exit 32')
    done = build(
        EFS_ID="fs-1",
        EFS_ACCESS_POINT="fsap-2",
        AWS_REGION="eu-west-1",
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/v2/credentials/3",
    )
    assert done.failed_in == "install"
    options = "tls,iam,region=eu-west-1,accesspoint=fsap-2,awscredsuri=/v2/credentials/3"
    assert f"mount: -t efs -o {options} fs-1 {tmp_path}/models" in done.log
