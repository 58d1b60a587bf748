"""Runners in processes of their own that are killed in the middle."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from headrace.testing.moto_server import aws_environment
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]


class Killed:
    """Runner processes on one stream or table, one after the other."""

    def __init__(self, endpoint: str, kind: str, name: str, folder: Path) -> None:
        self.notes = folder / "notes"
        self.notes.touch()
        self._command = [
            sys.executable, "-m", "tests.support.kinesis.process",
            endpoint, kind, name, str(folder), str(self.notes), "0.01",
        ]  # fmt: skip
        self._environment = os.environ | aws_environment(endpoint)

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(self._command, cwd=ROOT, env=self._environment)

    def values(self) -> list[int]:
        return [int(line) for line in self.notes.read_text().split()]

    def run_and_kill(self, after: int) -> None:
        """Kill it in the middle: once it has processed so many more records."""
        wanted = len(self.values()) + after
        process = self.start()
        try:
            wait_until(lambda: len(self.values()) >= wanted)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    def run_to_the_end(self) -> None:
        assert self.start().wait(120) == 0
