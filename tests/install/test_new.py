"""Every project that `headrace new` writes: its own two commands pass, from the index alone."""

import itertools
import os
import subprocess
import sys
from typing import get_args

import pytest

from headrace.commands.new.answers import Model, Source

pytestmark = pytest.mark.slow(seconds=40)
VARIANTS = list(itertools.product(get_args(Source), get_args(Model)))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("source", "model"), VARIANTS, ids=map("-".join, VARIANTS))
def test_its_demo_and_its_tests_pass(environment, wheel, tmp_path, source, model):
    made = environment("").headrace(
        "new", "shop", "--source", source, "--model", model, at=tmp_path
    )
    assert made.stdout.endswith("cd shop\n  make demo\n"), made.stderr

    said = make(tmp_path / "shop", wheel, "demo")
    assert "20 sent: 19 results, 1 dead letters, 0 lost" in said
    tested = make(tmp_path / "shop", wheel, "test")
    assert " passed" in tested
    assert "warning" not in tested
    make(tmp_path / "shop", wheel, "--question", ".venv/ready")  # nothing is made again


def make(project, wheel, *words):
    """What a command of the project prints; Headrace is found beside the package index."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HEADRACE_", "PYTHON"))}
    places = f"{os.environ.get('PIP_FIND_LINKS', '')} {wheel.parent}".strip()
    found = {"PIP_FIND_LINKS": places, "UV_FIND_LINKS": places.replace(" ", ",")}
    done = subprocess.run(
        ["make", f"PYTHON={sys.executable}", *words],
        cwd=project,
        env=kept | found,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
