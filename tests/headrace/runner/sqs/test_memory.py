"""Large messages neither grow the runner beyond a bound nor stop it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sqs.endless import endless_queue

ROOT = Path(__file__).parents[4]
# The bound is the same for 10,000 of them, which take minutes.
MESSAGES = int(os.environ.get("LARGE_MESSAGES", "120"))
AHEAD = 16


@pytest.mark.slow
def test_messages_of_900_kilobytes_stay_within_the_bound():
    with endless_queue(MESSAGES, 900_000) as endpoint:
        command = [
            sys.executable,
            "-m",
            "tests.support.sqs.measured",
            endpoint,
            "0.005",
            str(AHEAD),
        ]
        environ = os.environ | {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True
        )
    committed, _, peak = map(int, done.stdout.split())
    assert committed == MESSAGES
    assert peak < 100 + 6 * AHEAD
