"""Every project that `headrace new` writes: its own two commands pass, from the index alone.

Each source and each model has one project that installs all that it needs. The first of them makes
its environment from nothing; the others begin with uv, which it has brought. The rest add to the
environment that holds most, and take the models that those have trained: most of the time would go
into what is the same for all.
"""

import functools
import itertools
import os
import shutil
import subprocess
import sys
from typing import get_args

import pytest

from headrace.commands.new.answers import Model, Source

pytestmark = [pytest.mark.slow(seconds=40), pytest.mark.timeout(600)]
VARIANTS = list(itertools.product(get_args(Source), get_args(Model)))
FROM_NOTHING = [("kafka", "none"), ("kinesis", "onnx"), ("http", "xgboost")]
LARGEST = FROM_NOTHING[1]  # scikit-learn, ONNX and moto, compiled when they were first imported
OTHERS = [variant for variant in VARIANTS if variant not in FROM_NOTHING]


@pytest.fixture(scope="module")
def from_nothing(environment, wheel, tmp_path_factory):
    """Writes a project, and runs both commands there; returns its folder. Each but once."""

    @functools.cache
    def run(source, model):
        folder = write(environment, tmp_path_factory.mktemp("new"), source, model)
        if (source, model) != FROM_NOTHING[0]:
            bring_uv(run(*FROM_NOTHING[0]) / ".venv", folder / ".venv")
        check(folder, wheel)
        return folder

    return run


def bring_uv(made, venv):
    """Make an environment that holds but uv, as `make .venv/uv` does anew for each project."""
    for path in [made / "pyvenv.cfg", made / "uv", *made.glob("bin/python*"), made / "bin/uv"]:
        place = venv / path.relative_to(made)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place, follow_symlinks=False)
    (package,) = made.glob("lib/python*/site-packages")
    (venv / package.relative_to(made)).mkdir(parents=True)


def test_each_source_and_each_model_has_a_project_from_nothing():
    sources, models = zip(*FROM_NOTHING, strict=True)
    assert {*sources} == {*get_args(Source)}
    assert {*models} == {*get_args(Model)}


@pytest.mark.parametrize(("source", "model"), FROM_NOTHING, ids=map("-".join, FROM_NOTHING))
def test_its_demo_and_its_tests_pass(from_nothing, wheel, source, model):
    folder = from_nothing(source, model)
    make(folder, wheel, "--question", ".venv/ready")  # nothing is made again


@pytest.mark.parametrize(("source", "model"), OTHERS, ids=map("-".join, OTHERS))
def test_its_demo_and_its_tests_pass_in_an_environment_that_holds_more(
    environment, from_nothing, wheel, tmp_path, source, model
):
    folder = write(environment, tmp_path, source, model)
    (folder / ".venv").symlink_to(from_nothing(*LARGEST) / ".venv")
    if model != "none":
        (trained,) = (from_nothing(*made) for made in FROM_NOTHING if made[1] == model)
        shutil.copytree(trained / "var/models", folder / "var/models")
    check(folder, wheel)


@pytest.mark.parametrize(("source", "model"), [FROM_NOTHING[0], FROM_NOTHING[2]], ids="-".join)
def test_its_demo_says_in_one_line_what_is_wrong_with_the_worker(
    from_nothing, wheel, tmp_path, source, model
):
    folder = copied(from_nothing(source, model), tmp_path)
    (worker,) = (folder / "workers").glob("[a-z]*.py")
    worker.write_text("def broken(:\n")
    done = ran(folder, wheel, "demo")
    assert done.returncode != 0
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    name = f"workers.{worker.stem}: workers/{worker.name}"
    assert ours == [f"headrace: cannot load {name}, line 1: SyntaxError: invalid syntax"]


def test_its_demo_accounts_for_records_that_are_all_rejected(from_nothing, wheel, tmp_path):
    folder = copied(from_nothing(*FROM_NOTHING[0]), tmp_path)
    worker = folder / "workers/orders.py"
    worker.write_text(worker.read_text().replace('if order["quantity"] < 1:', "if order:"))
    assert "20 sent: 0 results, 20 dead letters, 0 lost" in make(folder, wheel, "demo")


def test_its_demo_asks_as_much_as_there_is_to_ask(from_nothing, wheel, tmp_path):
    """A server whose log nobody read stood still after some hundred requests."""
    folder = copied(from_nothing(*FROM_NOTHING[2]), tmp_path)
    worker, rows = folder / "workers/houses.py", folder / "demo/rows.jsonl"
    worker.write_text(f"{worker.read_text()}\nprint('loaded')\n")
    rows.write_text(rows.read_text() * 50)
    assert "1000 sent: 950 results, 50 dead letters, 0 lost" in make(folder, wheel, "demo")


def copied(folder, place):
    """Return a copy of a project that may be changed, in the environment of the first."""
    copy = place / "shop"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    (copy / ".venv").symlink_to(folder / ".venv")
    return copy


def write(environment, place, source, model):
    """Write a project; returns its folder."""
    words = ("--source", source, "--model", model)
    made = environment("").headrace("new", "shop", *words, at=place)
    assert made.stdout.endswith("cd shop\n  make demo\n"), made.stderr
    return place / "shop"


def check(folder, wheel):
    """Run both commands."""
    assert "20 sent: 19 results, 1 dead letters, 0 lost" in make(folder, wheel, "demo")
    tested = make(folder, wheel, "test")
    assert " passed" in tested
    assert "warning" not in tested


def make(project, wheel, *words):
    """What a command of the project prints."""
    done = ran(project, wheel, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ran(project, wheel, *words):
    """Run a command of the project; Headrace is found beside the package index."""
    ours = ("HEADRACE_", "PYTHON", "MAKE", "MFLAGS", "ARGS")  # `make test` has told this process
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    places = f"{os.environ.get('PIP_FIND_LINKS', '')} {wheel.parent}".strip()
    found = {"PIP_FIND_LINKS": places, "UV_FIND_LINKS": places.replace(" ", ",")}
    found["PIP_NO_COMPILE"] = "1"  # most of what is installed is never imported here
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", *words],
        cwd=project,
        env=kept | found,
        capture_output=True,
        text=True,
    )
