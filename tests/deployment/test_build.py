"""docker/build.sh: what it is told, and what it says of a mistake."""

import os
import subprocess

import pytest

from tests.support.deployment.template import ROOT


def build(*names):
    command = ["bash", "docker/build.sh", *names]
    environ = os.environ | {"BUILD": "echo"}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["foo", ""])
def test_an_image_that_is_not_there_is_told_by_its_name(name):
    done = build(name)
    assert done.returncode == 2
    assert f"no image is called '{name}'" in done.stderr
    assert "classifier" in done.stderr


def test_an_image_is_built_by_its_name():
    done = build("stream")
    assert done.stdout.endswith("--tag headrace-stream .\n")
