"""Many clients that ask one server as fast as it answers: wrk, a program in C."""

import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.serve_servers import Server

_SCRIPT = """
local file = io.open("{body}", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "{content_type}"
"""
_IDLE_SECONDS = 0.2
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Load(NamedTuple):
    """How many clients ask, for how many seconds."""

    clients: int
    seconds: int


class Taken(NamedTuple):
    """What was measured: requests a second, milliseconds, µs of processor time a request."""

    rate: float
    p50: float
    p99: float
    processor: float


def ask(server: Server, load: Load) -> Taken:
    """Ask a server. Ends the benchmark if any answer is none."""
    with tempfile.TemporaryDirectory() as folder:
        body, script = Path(folder, "body"), Path(folder, "ask.lua")
        body.write_bytes(server.body)
        script.write_text(_SCRIPT.format(body=body, content_type=server.content_type))
        before = _processor(server.pid)
        output = subprocess.run(
            [
                *("wrk", "--threads", "1", "--connections", str(load.clients)),
                *(
                    "--duration",
                    str(load.seconds),
                    "--timeout",
                    "30s",
                    "--latency",
                    "--script",
                    str(script),
                ),
                server.url,
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        after = _processor(server.pid)
    _wait_until_idle(server.pid)
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"{server.url} fails under load:\n{output}")
    count = int(_found(r"(\d+) requests in", output))
    return Taken(
        float(_found(r"Requests/sec:\s+([\d.]+)", output)),
        _milliseconds("50%", output),
        _milliseconds("99%", output),
        (after - before) / count * 1e6,
    )


def _wait_until_idle(pid: int) -> None:
    """Wait until a server has worked off what it was asked: the next one is asked then."""
    before = -1.0
    while (now := _processor(pid)) - before > _IDLE_SECONDS / 10:
        before = now
        time.sleep(_IDLE_SECONDS)


def _found(pattern: str, output: str) -> str:
    match = re.search(pattern, output)
    if match is None:
        raise SystemExit(f"wrk says something else:\n{output}")
    return match[1]


def _milliseconds(part: str, output: str) -> float:
    text = _found(rf"{part}\s+([\d.]+(?:us|ms|s|m))", output)
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]


def _processor(pid: int) -> float:
    """Seconds of processor time that a server and its processes have taken."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))
