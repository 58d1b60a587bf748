"""What the README shows works as it is shown."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"id": 7, "amount": 9.5}, {"id": 7, "ok": True}),
        ({"id": 7, "amount": -1}, {"statusCode": 400}),
    ],
)
def test_a_worker_of_ones_own_in_ten_lines(tmp_path, event, expected):
    example, *_ = re.findall(r"```python[^\n]*\n(.*?)```", README, re.DOTALL)
    (tmp_path / "orders.py").write_text(example)
    (tmp_path / "order.json").write_text(json.dumps(event))
    command = [sys.executable, "-m", "headrace", "invoke", "orders", "--event", "order.json"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert expected.items() <= json.loads(done.stdout).items(), done.stderr


def test_every_target_and_file_that_the_readme_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)
