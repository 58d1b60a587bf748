"""The Kubernetes manifests against the schemas."""

import copy
import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.deployment.manifests import FILES, ROOT, objects

PYTHON = ROOT / ".venv-deploy/bin/python"
CHECK = ROOT / "tests/support/deployment/check_manifest.py"


WRONG = {
    "an unknown field": ("Deployment", "spec.template.spec.containers.0.readinesProbe", {}),
    "a wrong type": ("Deployment", "spec.template.spec.terminationGracePeriodSeconds", "long"),
    "a budget's unknown field": ("PodDisruptionBudget", "spec.maxUnavailabe", 1),
    "KEDA's unknown field": ("ScaledObject", "spec.maxReplicas", 12),
    "KEDA's wrong type": ("ScaledObject", "spec.triggers", "kafka"),
    "a broken expression": ("PrometheusRule", "spec.groups.0.rules.0.expr", "rate(x[5m)"),
    "a rule's unknown field": ("PrometheusRule", "spec.groups.0.rules.0.annotation", {}),
    "a monitor's unknown field": ("PodMonitor", "spec.endpoints", []),
}


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    """What is wrong with each file and with each of WRONG, by path."""
    if not any(PYTHON.parents[1].glob("lib/python3*/site-packages/kubernetes_validate")):
        pytest.skip("no schemas: run `make .venv-deploy/tools`")
    folder = tmp_path_factory.mktemp("wrong")
    for what, change in WRONG.items():
        (folder / what).write_text(yaml.safe_dump(changed(*change)))
    files = [*FILES, *folder.iterdir()]
    done = subprocess.run([PYTHON, CHECK, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {Path(file).name: found for file, found in json.loads(done.stdout).items()}


def changed(kind, place, value):
    """The first object of the kind, with one entry set."""
    wrong = copy.deepcopy(next(iter(objects(kind).values())))
    *path, last = place.split(".")
    node = wrong
    for key in path:
        node = node[int(key) if key.isdigit() else key]
    node[last] = value
    return wrong


@pytest.mark.slow(seconds=0.2)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_manifest_is_what_its_schemas_ask_for(file, problems):
    assert problems[file.name] == []


@pytest.mark.slow(seconds=0.2)
@pytest.mark.parametrize("what", WRONG)
def test_the_check_finds(what, problems):
    assert len(problems[what]) == 1
