"""docker/sbom.sh lists what the images really hold."""

import json
import subprocess

import pytest

from tests.support.podman import ROOT
from tests.support.strict import skip_or_fail

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

CYCLONEDX = ROOT / ".venv-deploy/bin/cyclonedx-py"
NAMES = ("stream", "classifier", "detector")


@pytest.fixture(scope="module")
def sboms(images, tmp_path_factory):
    if not CYCLONEDX.exists():
        skip_or_fail(f"no {CYCLONEDX.name}: run `make .venv-deploy/tools`")
    out = tmp_path_factory.mktemp("sbom")
    environ = {"RUN": "podman run --rm", "CYCLONEDX": str(CYCLONEDX), "OUT": str(out)}
    command = ["docker/sbom.sh", *NAMES]
    subprocess.run(command, cwd=ROOT, env=images.environ | environ, check=True)
    return {name: json.loads((out / f"{name}.cdx.json").read_text()) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_list_is_what_is_installed(images, sboms, name):
    names = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
    command = ("run", "--rm", f"headrace-{name}", "python3", "-c", names)
    installed = {part.lower().replace("_", "-") for part in images(*command).split()}
    listed = {c["name"].lower().replace("_", "-") for c in sboms[name]["components"]}
    assert sboms[name]["bomFormat"] == "CycloneDX"
    assert listed == installed


def test_the_serving_images_hold_no_training_framework(sboms):
    listed = {c["name"] for sbom in sboms.values() for c in sbom["components"]}
    assert not listed & {"tensorflow-cpu", "scikit-learn", "pandas", "matplotlib"}
