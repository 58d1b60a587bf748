"""The README's worker has a test of a few lines, which passes as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def block(beginning):
    """The README's block of Python that has a line like this."""
    blocks = re.findall(
        r"^```python[^\n]*\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M
    )
    (found,) = [text for text in blocks if re.search(beginning, text, re.M)]
    return found


def test_the_readmes_worker_is_tested_in_ten_lines(tmp_path):
    test = block("^from headrace.testing import")
    (tmp_path / "orders.py").write_text(block(r"^class Orders\(Worker\)"))
    (tmp_path / "test_orders.py").write_text(test)
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("PYTEST", "HEADRACE"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert len(test.splitlines()) <= 10
