"""docker/sbom.sh lists what the images really hold."""

import json
import subprocess

import pytest

from tests.support.containers.podman import ROOT

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]  # the first one builds

CYCLONEDX = ROOT / ".venv-deploy/bin/cyclonedx-py"
NAMES = ("stream", "classifier", "detector")


@pytest.fixture(scope="module")
def sboms(images, tmp_path_factory):
    if not CYCLONEDX.exists():
        pytest.skip(f"no {CYCLONEDX.name}: run `make .venv-deploy/tools`")
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
    listed = {found.lower().replace("_", "-") for found in of_kind("pypi", sboms[name])}
    assert sboms[name]["bomFormat"] == "CycloneDX"
    assert listed == installed


@pytest.mark.parametrize("name", NAMES)
def test_they_are_few(sboms, name):
    assert len(of_kind("pypi", sboms[name])) <= 25


def of_kind(kind, sbom):
    """The names of the components of a kind of package URL."""
    return {c["name"] for c in sbom["components"] if c["purl"].startswith(f"pkg:{kind}/")}


@pytest.mark.parametrize("name", NAMES)
def test_the_packages_of_debian_are_in_the_list_too(images, sboms, name):
    query = ("dpkg-query", "--show", "--showformat", "${Package}\n")
    installed = set(images("run", "--rm", f"headrace-{name}", *query).split())
    assert of_kind("deb", sboms[name]) == installed
    assert "libc6" in installed


def test_the_serving_images_hold_no_training_framework(sboms):
    listed = {c["name"] for sbom in sboms.values() for c in sbom["components"]}
    assert not listed & {"tensorflow-cpu", "scikit-learn", "pandas", "matplotlib"}
