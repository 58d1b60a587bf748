"""`headrace serve` as a process of its own, for tests."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import urllib3

ROOT = Path(__file__).parents[2]


class Served(NamedTuple):
    """A running server."""

    process: subprocess.Popen
    url: str
    log: Path

    def request(self, method: str, path: str, **options) -> urllib3.BaseHTTPResponse:
        """One request on a connection of its own."""
        return urllib3.request(method, self.url + path, retries=False, timeout=60, **options)

    def lines(self) -> list[dict]:
        """What it has logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]


@contextmanager
def serve(folder: Path, worker: str, *flags: str, cwd: Path = ROOT, **env: str) -> Iterator[Served]:
    """Start it with one worker or several, wait until it is ready, and end it."""
    log = folder / "serve.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "headrace", "serve", *worker.split(), "--port", "0", *flags],
            cwd=cwd,
            env={**os.environ, **env},
            stdout=file,
            stderr=file,
        )
    try:
        yield Served(process, f"http://127.0.0.1:{_port(process, log)}", log)
    finally:
        process.kill()
        process.wait()


def _port(process: subprocess.Popen, log: Path, seconds: float = 120) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"ready"' in line:
                return json.loads(line)["port"]
        time.sleep(0.05)
    raise AssertionError(log.read_text()[-3000:])


def requests(served: Served) -> list[dict]:
    """What it has logged of its requests."""
    return [line for line in served.lines() if line["message"] == "request"]
