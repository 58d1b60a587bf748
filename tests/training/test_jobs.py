"""`python -m training`: one line for whatever cannot be done."""

import subprocess
import sys

import pytest

from tests.support.served import ROOT

WITHOUT = """
import sys
for name in {names!r}:
    sys.modules[name] = None
from training.__main__ import main
sys.exit(main({words!r}))
"""


def run(folder, names, *words):
    code = WITHOUT.format(names=names, words=list(words))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "HEADRACE_MODEL_ROOT": str(folder / "models")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (["tensorflow"], ["detector"]),
        (["xgboost"], ["tumor"]),
        (["sklearn"], ["tumor"]),
        (["numpy"], ["tumor"]),
        (["rich"], ["import", "model.tar.gz"]),
    ],
)
def test_a_job_without_its_package_says_which(tmp_path, missing, words):
    code, lines = run(tmp_path, missing, *words)

    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"training: {missing[0]}")
    assert "is not installed" in lines[0]


def test_importing_a_saved_model_without_tensorflow_says_so(tmp_path):
    (tmp_path / "model.tar.gz").write_bytes(b"\x1f\x8b")

    code, lines = run(tmp_path, ["tensorflow"], "import", "model.tar.gz")

    assert code == 1
    assert [line for line in lines if "tensorflow is not installed" in line]
    assert not [line for line in lines if "Traceback" in line]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["detector", "--data", "yolo:/tmp"], "neither coco:<folder> nor voc:<folder>"),
        (["detector", "--data", "coco:/nowhere"], "/nowhere"),
        (["detector", "--preset", "huge"], "invalid choice"),
        (["detector", "--steps", "100"], "--warmup: 200 steps of warm-up in a run of 100"),
        (["detector", "--rate", "nan"], "argument --rate: nan is not above 0"),
        (["tumor", "--repeats", "0"], "argument --repeats: 0 is not from 1 on"),
        (["import", "nowhere.tar.gz"], "nowhere.tar.gz"),
        (["nothing"], "invalid choice"),
    ],
)
@pytest.mark.slow(seconds=3)
def test_other_mistakes_are_told_too(tmp_path, words, told):
    code, lines = run(tmp_path, [], *words)

    assert code in (1, 2)
    assert told in lines[-1]
    assert not [line for line in lines if "Traceback" in line]


@pytest.mark.parametrize("job", ["nosuch", "tumor", "detector", "objects", "import"])
def test_a_mistake_in_the_command_line_is_one_line(tmp_path, job):
    code, lines = run(tmp_path, [], job, "--colour")

    assert code == 2
    (line,) = lines
    assert line.startswith("python -m training")
    assert line.endswith("--help")
