"""`headrace run` as a process that a test kills: the next one gets its partitions soon."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FLAGS = (
    "--consumer-config=session.timeout.ms=1500",
    "--consumer-config=heartbeat.interval.ms=300",
    *("--retry-backoff-max-seconds", "0.2"),
)


def start_runner(
    worker: str, bootstrap: str, topic: str, *flags: str, environ: dict[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    """Start a runner; what it says is appended to a file.

    Args:
        worker: its module.
        bootstrap: the broker.
        topic: what it reads.
        flags: further ones.
        environ: variables beside those of this process.
        log: the file.
    """
    command = [sys.executable, "-m", "headrace", "run", worker]
    with log.open("ab") as file:
        return subprocess.Popen(
            [*command, "--kafka", bootstrap, "--topic", topic, *_FLAGS, *flags],
            cwd=ROOT,
            env=os.environ | environ,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
