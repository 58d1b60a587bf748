"""Children of a benchmark: a new process each time, timed from its start to its first answer."""

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

ROOT = Path(__file__).parents[1]
OURS = sys.executable
PEERS = str(ROOT / ".venv-bench" / "bin" / "python")


class Start(NamedTuple):
    """How a process came up: seconds until its first line, and its memory then, in MB."""

    seconds: float
    megabytes: float
    answer: str


def start(command: Sequence[str], environ: Mapping[str, str]) -> Start:
    """Start a process, wait for its first line, look at its memory, end it."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        if child.stdout is None or child.stderr is None:
            raise AssertionError
        answer = child.stdout.readline().strip()
        seconds = time.perf_counter() - begun
        if not answer:
            raise RuntimeError(f"{' '.join(command)} gave no answer: {child.stderr.read()[-2000:]}")
        memory = _resident_megabytes(child.pid)
        child.kill()
    return Start(seconds, memory, answer)


def starts(
    contestants: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], runs: int
) -> dict[str, Start]:
    """Median start of each contestant, by turns, after one unmeasured start of each."""
    taken: dict[str, list[Start]] = {name: [] for name in contestants}
    for turn in range(runs + 1):
        for name, (command, environ) in contestants.items():
            one = start(command, environ)
            if turn:
                taken[name].append(one)
    return {
        name: Start(
            statistics.median(one.seconds for one in all_starts),
            statistics.median(one.megabytes for one in all_starts),
            all_starts[0].answer,
        )
        for name, all_starts in taken.items()
    }


def figures(command: Sequence[str], environ: Mapping[str, str]) -> dict[str, float]:
    """Run a process to its end; its last line with a JSON object holds figures."""
    lines = finish(command, environ).splitlines()
    return dict(orjson.loads(next(line for line in reversed(lines) if line.startswith("{"))))


def finish(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Run a process to its end and return what it printed."""
    done = subprocess.run(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
