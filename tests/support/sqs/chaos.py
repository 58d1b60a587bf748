"""Runners on one queue that are killed, stopped and started again, and a server that is, too."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from headrace.testing.brokers.elasticmq import ElasticMq
from tests.support.sqs.queues import Queue
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]
VISIBILITY = 2
BATCH = 5
CONCURRENCY = 2
AHEAD = 2 * BATCH * CONCURRENCY


class Plan(NamedTuple):
    """What happens.

    Attributes:
        messages: how many there are.
        groups: of a FIFO queue; 0: it is a standard one.
        kills: of runners, by SIGKILL.
        stops: of runners, by SIGTERM.
        restarts: of the server, by SIGKILL; it keeps its messages.
    """

    messages: int
    groups: int = 0
    kills: int = 4
    stops: int = 2
    restarts: int = 1


class QueueChaos:
    """One chaos run on a server of its own.

    Args:
        plan: what happens.
        server: keeps its messages.
        client: of that server.
        folder: for notes and logs.
    """

    def __init__(self, plan: Plan, server: ElasticMq, client: Any, folder: Path) -> None:
        self._plan = plan
        self._server = server
        self._folder = folder
        self._chance = random.Random()
        self.queue = Queue(client, fifo=plan.groups > 0, visibility=VISIBILITY)
        self._runners: list[subprocess.Popen[bytes]] = []

    @property
    def notes(self) -> list[tuple[str, int]]:
        """What was worked on, in order: the group and the number."""
        path = self._folder / "notes"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def run(self) -> None:
        """Fill the queue, let two runners work, and harm them; then wait until all is done."""
        self._fill()
        self._runners = [self._start(), self._start()]
        every = 0.1 + self._plan.messages / 10_000
        harms = ["kill"] * self._plan.kills + ["stop"] * self._plan.stops
        harms += ["restart"] * self._plan.restarts
        self._chance.shuffle(harms)
        for count, harm in enumerate(harms, 1):
            share = self._plan.messages * count // (len(harms) + 1)
            wait_until(lambda share=share: len(set(self.notes)) >= share, 600, every=every)
            self._harm(harm)
        wait_until(
            lambda: len(set(self.notes)) == self._plan.messages,
            600,
            every=every,
            why=self._missing,
        )
        wait_until(lambda: self.queue.counts() == (0, 0), 60, every=0.5, why=self.queue.counts)
        for runner in self._runners:
            runner.terminate()
            assert runner.wait(60) in {0, -signal.SIGTERM}  # it may just have begun to start

    def end(self) -> None:
        """Leave nothing behind."""
        for runner in self._runners:
            runner.kill()
            runner.wait()

    def _fill(self) -> None:
        if not self._plan.groups:
            self.queue.put(*range(self._plan.messages))
            return
        for group in range(self._plan.groups):
            each = self._plan.messages // self._plan.groups
            self.queue.put(*range(each), group=f"g{group}")

    def _missing(self) -> object:
        return f"{len(set(self.notes))} done; {self.queue.counts()}; see {self._folder}"

    def _harm(self, harm: str) -> None:
        if harm == "restart":
            self._server.kill()
            time.sleep(1)
            self._server.start()
            return
        index = self._chance.randrange(len(self._runners))
        runner = self._runners[index]
        runner.send_signal(signal.SIGKILL if harm == "kill" else signal.SIGTERM)
        runner.wait(60)
        self._runners[index] = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        environ = {
            **os.environ,
            "CHAOS_NOTES": str(self._folder / "notes"),
            "CHAOS_SLOW_SECONDS": str(3 * VISIBILITY),
        }
        command = [
            *(sys.executable, "-m", "headrace", "run", "tests.support.sqs.chaos_worker"),
            *("--sqs", self.queue.name, "--receive-wait-seconds", "1"),
            *("--batch-size", str(BATCH), "--function-concurrency", str(CONCURRENCY)),
            *("--messages-ahead", str(AHEAD)),
            *("--retry-backoff-seconds", "0.1", "--retry-backoff-max-seconds", "0.1", "--wait"),
        ]
        with (self._folder / "runners.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
