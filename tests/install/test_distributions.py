"""What the wheel and the source distribution hold, and what they bring along."""

import email
import json
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import headrace
from tests.support.installed import ROOT, Environment, pythons

pytestmark = pytest.mark.slow(seconds=3)  # environments are made

EXTRAS = {
    *("kafka", "aws", "lambda", "serve", "metrics", "sam", "signing", "images"),
    *("xgboost", "litert", "onnx", "tensorflow", "progress", "reload", "postgres"),
    *("schemas", "protoc"),
    *("redis", "testing", "all"),
}


def files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture
def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_brings_one_package_and_all_of_it(wheel):
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "headrace"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    there = {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()}
    assert files(wheel) == there
    assert {name.partition("/")[0] for name in files(wheel)} == {"headrace"}
    assert "headrace/py.typed" in files(wheel)


def test_the_source_distribution_makes_the_same_wheel(distributions, tmp_path):
    wheel, sdist = distributions
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert files(wheel) <= names
    assert not any(name.startswith(("tests/", "workers/", "models/")) for name in names)
    installed = Environment(tmp_path / "venv", sdist)
    shown = installed.headrace("--version", at=tmp_path)
    assert shown.stdout == f"headrace {headrace.__version__}\n"


def test_the_version_is_said_once(metadata):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert metadata["Version"] == headrace.__version__


def test_there_is_an_extra_for_each_role(metadata):
    assert set(metadata.get_all("Provides-Extra")) == EXTRAS


def test_all_brings_every_extra_but_tensorflow():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = ",".join(project["optional-dependencies"]["all"])
    assert {name.strip("[] ") for name in named.replace("headrace", "").split(",")} == (
        EXTRAS - {"all", "tensorflow"}
    )


def test_it_brings_at_most_six_packages(wheel, tmp_path):
    report = tmp_path / "report.json"
    command = ["install", "--quiet", "--dry-run", "--ignore-installed", "--report", report, wheel]
    subprocess.run([sys.executable, "-m", "pip", *command], check=True, capture_output=True)
    brought = [one["metadata"]["name"] for one in json.loads(report.read_text())["install"]]
    assert len(brought) <= 6, brought


WORKER = """
from headrace import Record, Worker, lambda_handler

class Doubler(Worker):
    def process(self, record: Record) -> int:
        return record.json() * 2

handler = lambda_handler(Doubler)
"""


def test_every_python_that_it_claims_is_one_that_runs_it(wheel, metadata, tmp_path):
    claims = [line.rpartition(" ")[2] for line in metadata.get_all("Classifier")]
    versions = [version for version in claims if version.startswith("3.")]
    (tmp_path / "doubler.py").write_text(WORKER)
    (tmp_path / "event.json").write_text("21")
    for version in pythons(*versions):
        installed = Environment(tmp_path / version, wheel, python=version)
        done = installed.headrace("invoke", "doubler", "--event", "event.json", at=tmp_path)
        assert done.stdout == "42\n", (version, done.stderr)


def test_nothing_is_written_beside_the_installed_files(environment, tmp_path):
    """Byte code aside, which is Python's."""
    installed = environment("kafka")
    before = listing(installed)
    installed.headrace("kafka", "status", at=tmp_path)
    installed.headrace("models", "list", at=tmp_path)
    assert listing(installed) == before


def listing(installed: Environment) -> set[Path]:
    package = next(installed.bin.parent.glob("lib/*/site-packages/headrace"))
    files = (path for path in package.rglob("*") if path.is_file())
    return {path for path in files if path.parent.name != "__pycache__"}
