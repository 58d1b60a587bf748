"""The runners of a chaos run: processes of one group, each replaced when it is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class Runner:
    """One process of `headrace run` with its history, its log and its kill point."""

    def __init__(self, flags: Sequence[str], folder: Path, name: str, seconds: float) -> None:
        self.name = name
        self.history = folder / f"{name}.history"
        self._armed = folder / f"{name}.armed"
        worker = "tests.support.chaos.worker:handler"
        env = {
            **os.environ,
            "CHAOS_FOLDER": str(folder),
            "CHAOS_NAME": name,
            "CHAOS_HANDLER_SECONDS": str(seconds),
        }
        with (folder / f"{name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "headrace", "run", worker, *flags],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
            )

    def arm(self, point: str) -> None:
        """Have it kill itself when it comes by; by a rename, so that it never reads a half."""
        draft = self._armed.with_suffix(".draft")
        draft.write_text(point)
        draft.rename(self._armed)

    def disarm(self) -> None:
        """Let it live."""
        self._armed.unlink(missing_ok=True)


class Runners:
    """So many runners at any time.

    Attributes:
        running: the present ones.
        kills: how many processes died by SIGKILL.
        crashes: the names of those that ended of their own accord, with their status.
    """

    def __init__(self, flags: Sequence[str], folder: Path, count: int, seconds: float) -> None:
        self.kills = 0
        self.crashes: list[str] = []
        self._flags = flags
        self._folder = folder
        self._seconds = seconds
        self._started = 0
        self._counted: dict[Path, tuple[int, int]] = {}
        self.running = [self._start() for _ in range(count)]

    def tend(self) -> None:
        """Start a new one for each that ended."""
        for place, runner in enumerate(self.running):
            status = runner.process.poll()
            if status is None:
                continue
            if status == -signal.SIGKILL:
                self.kills += 1
            else:
                self.crashes.append(f"{runner.name} ended with {status}")
            self.running[place] = self._start()

    def handled(self) -> int:
        """How many records all of them have processed; repeats count."""
        for path in self._folder.glob("*.history"):
            size, count = self._counted.get(path, (0, 0))
            with path.open("rb") as file:
                file.seek(size)
                more = file.read()
            whole = more[: more.rfind(b"\n") + 1]
            self._counted[path] = size + len(whole), count + whole.count(b"p k")
        return sum(count for _, count in self._counted.values())

    def at_work(self) -> list[Runner]:
        """Those present ones that had processed something when `handled` was asked."""
        return [runner for runner in self.running if self._counted.get(runner.history, (0, 0))[1]]

    def stop(self, seconds: float) -> None:
        """Ask all to end in order; whoever does not, within so many seconds, has crashed."""
        for runner in self.running:
            runner.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for runner in self.running:
            try:
                status = runner.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.crashes.append(f"{runner.name} did not end on SIGTERM")
            else:
                self.crashes += [f"{runner.name} ended with {status}"] if status else []

    def end(self) -> None:
        """Leave no process behind, however the run went."""
        for runner in self.running:
            runner.process.kill()
            runner.process.wait()

    def _start(self) -> Runner:
        self._started += 1
        return Runner(self._flags, self._folder, f"runner-{self._started:03}", self._seconds)
