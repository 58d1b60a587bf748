"""What the services' own checkers say of the template, and ShellCheck of the build's commands."""

import os
import subprocess

import pytest
import yaml

from tests.support.deployment.template import ROOT, TEMPLATE

TOOLS = ROOT / ".venv-deploy/bin"


def run(tool, *arguments, **options):
    if not (TOOLS / tool).exists():
        pytest.skip(f"no {tool}: run `make .venv-deploy/tools`")
    # SAM needs a region and a home; it must neither call home nor look for credentials.
    environ = os.environ | {"SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(
        [TOOLS / tool, *arguments], capture_output=True, text=True, env=environ, **options
    )


@pytest.mark.slow
def test_cfn_lint():
    done = run("cfn-lint", "--template", TEMPLATE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_sam_validates():
    done = run("sam", "validate", "--lint", "--region", "us-east-1", "--template", TEMPLATE)
    assert done.returncode == 0, done.stdout + done.stderr


COMMANDS = [
    command
    for phase in yaml.safe_load((ROOT / "training/buildspec.yml").read_text())["phases"].values()
    for command in phase["commands"]
]


def test_the_builds_commands_are_sound():
    """SC2086: $RUN and $ROLLBACK are several words. SC2154: variables come from the build."""
    script = "\n".join(COMMANDS)
    done = run("shellcheck", "--shell=bash", "--exclude=SC2086,SC2154", "-", input=script)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "script", [*(ROOT / "docker").glob("*.sh"), *(ROOT / "training").glob("*.sh")], ids=str
)
def test_scripts_are_sound(script):
    done = run("shellcheck", script)
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_is_sound():
    done = run("hadolint", ROOT / "docker/Dockerfile")
    assert done.returncode == 0, done.stdout
