"""Headrace as a user has it: a wheel of this tree, in an environment outside of it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_UV = ROOT / ".venv/bin/uv"
_SOURCES = ("headrace", "pyproject.toml", "README.md", "LICENSE")


def build(folder: Path) -> tuple[Path, Path]:
    """Build the wheel and the source distribution, from a copy, so that the tree stays clean."""
    tree = folder / "tree"
    tree.mkdir()
    for name in _SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree)
    _uv("build", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder, tree)
    return built(folder)


def built(folder: Path) -> tuple[Path, Path]:
    """The wheel and the source distribution that were built in a folder."""
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


class Environment:
    """A virtual environment in which Headrace is installed.

    Args:
        folder: what it is made in.
        distribution: the wheel or the source distribution; None takes what is there already.
        extras: those that are installed with it, at the versions that this tree is tested with.
        python: the interpreter, as uv finds it: `3.12`.
    """

    def __init__(
        self,
        folder: Path,
        distribution: Path | None = None,
        extras: str = "",
        python: str | None = None,
    ) -> None:
        self.bin = folder / "bin"
        self.python = self.bin / "python"
        if distribution is None:
            return
        wanted = f"headrace[{extras}] @ {distribution.as_uri()}"
        _uv("venv", "--python", python or sys.executable, folder)
        _uv(
            *("pip", "install", "--python", self.python, wanted),
            *("--constraint", ROOT / "requirements/dev.txt"),
        )

    def headrace(
        self, *words: str, at: Path, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command line in a folder, and wait for its end."""
        return subprocess.run(
            [self.bin / "headrace", *words],
            cwd=at,
            env=self._environ(env),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def run(self, *words: str, at: Path) -> str:
        """What another program of the environment prints; it must succeed."""
        command = [self.bin / words[0], *words[1:]]
        done = subprocess.run(command, cwd=at, env=self._environ(), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self, *words: str, at: Path) -> Iterator[int]:
        """`headrace serve` in the background; yields its port."""
        command = [self.bin / "headrace", "serve", *words, "--port", "0"]
        with (at / "serve.log").open("w") as log:
            process = subprocess.Popen(command, cwd=at, env=self._environ(), stdout=log, stderr=log)
        try:
            yield _port(at / "serve.log", process)
        finally:
            process.terminate()
            process.wait(30)

    def _environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HEADRACE_", "PYTHON"))}
        return {**kept, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", **(more or {})}


def pythons(*versions: str) -> Iterator[str]:
    """Those of the versions that this machine has."""
    for version in versions:
        found = subprocess.run([_UV, "python", "find", version], capture_output=True)
        if found.returncode == 0:
            yield version


def _uv(*words: object) -> None:
    done = subprocess.run([str(_UV), *map(str, words)], capture_output=True, text=True)
    if done.returncode and "dns error" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"ready"' in line:
                return int(json.loads(line)["port"])
        time.sleep(0.05)
    raise AssertionError(log.read_text())
