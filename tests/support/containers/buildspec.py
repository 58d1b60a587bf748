"""Runs CodeBuild's buildspec here: the phases in order, each command in a shell of its own."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.support.deployment.template import ROOT

SPEC = yaml.safe_load((ROOT / "training/buildspec.yml").read_text())


class Build(NamedTuple):
    """What became of it: the phase that failed, if one did, and all that was written."""

    failed_in: str | None
    log: str


def run(variables: dict[str, str], tools: Path | None = None) -> Build:
    """Runs all phases, up to the first that fails, as `on-failure: ABORT` asks.

    Args:
        variables: over those of the buildspec.
        tools: A folder of commands that take the place of the machine's.
    """
    python = str(ROOT / ".venv/bin")
    path = os.pathsep.join([*([str(tools)] if tools else []), python, os.environ["PATH"]])
    environ = {**os.environ, **SPEC["env"]["variables"], **variables, "PATH": path}
    log = ""
    for name, phase in SPEC["phases"].items():
        for command in phase["commands"]:
            done = subprocess.run(
                [SPEC["env"]["shell"], "-c", command],
                cwd=ROOT,
                env=environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            log += done.stdout
            if done.returncode:
                return Build(name, log)
    return Build(None, log)


def tool(folder: Path, name: str, script: str) -> Path:
    """Puts a shell script into the folder as a command."""
    folder.mkdir(exist_ok=True)
    command = folder / name
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    return command
