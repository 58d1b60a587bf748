"""The demo, as a user runs it: it exits with 0 only if every record is accounted for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow(seconds=30)
def test_the_demo_accounts_for_every_record(tmp_path):
    environ = os.environ | {"HEADRACE_MODEL_ROOT": str(tmp_path / "models")}
    demo = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert demo.returncode == 0, demo.stderr[-2000:]
    rows = re.findall(r"(?:Kafka topic|Kinesis stream)[^\d]*([\d│ ]+)", demo.stdout)
    figures = [[int(figure) for figure in re.findall(r"\d+", row)] for row in rows]
    assert len(figures) == 2
    for produced, predicted, right, wrong, dead_lettered, lost in figures:
        assert (dead_lettered, lost) == (1, 0)
        assert predicted == produced - 1 == right + wrong
    assert '{"result":"B"}' in demo.stdout
    for picture in re.findall(r"drawn into (\S+)", demo.stdout):
        assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
