"""Runners on one queue that are killed, stopped and started again, and a server that is, too."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from headrace.testing.brokers.elasticmq import ElasticMq
from tests.support.notes import Notes
from tests.support.ordeal import Ordeal
from tests.support.sqs.queues import Queue
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]
VISIBILITY = 2
BATCH = 5
CONCURRENCY = 2
AHEAD = 2 * BATCH * CONCURRENCY
_SLOW_ONES = 60  # of a long run; of a short one some


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

    Attributes:
        queue: what the runners read.
        notes: what was worked on, in order: the group and the number.
    """

    def __init__(self, plan: Plan, server: ElasticMq, client: Any, folder: Path) -> None:
        self._plan = plan
        self._server = server
        self._log = folder / "runners.log"
        self.notes = Notes(folder / "notes")
        self.queue = Queue(client, fifo=plan.groups > 0, visibility=VISIBILITY)
        self._ordeal = Ordeal(plan.messages, 2, self._start, self._put, self.notes, self._log)

    def run(self) -> None:
        """Let two runners work while the queue is filled, and harm them, until all is done."""
        plan = self._plan
        self._ordeal.run(plan.kills, plan.stops, [self._restart] * plan.restarts)
        wait_until(lambda: self.queue.counts() == (0, 0), 60, every=0.5, why=self.queue.counts)
        self._ordeal.stop()

    def end(self) -> None:
        """Leave nothing behind."""
        self._ordeal.end()

    def _put(self, numbers: range) -> None:
        groups = self._plan.groups
        if not groups:
            self.queue.put(*numbers)
        for group in range(groups):
            own = [number // groups for number in numbers if number % groups == group]
            self.queue.put(*own, group=f"g{group}")

    def _restart(self) -> None:
        self._server.kill()
        time.sleep(1)
        # It answers before it has its queues again: to a runner, they would have been deleted.
        with self._ordeal.paused():
            self._server.start()
            wait_until(self.queue.is_there)

    def _start(self) -> "subprocess.Popen[bytes]":
        environ = {
            **os.environ,
            "CHAOS_NOTES": str(self.notes.path),
            "CHAOS_SLOW_SECONDS": str(3 * VISIBILITY),
            "CHAOS_SLOW_SHARE": str(min(0.003, _SLOW_ONES / self._plan.messages)),
        }
        command = [
            *(sys.executable, "-m", "headrace", "run", "tests.support.workers.chaos"),
            *("--sqs", self.queue.name, "--receive-wait-seconds", "1"),
            *("--batch-size", str(BATCH), "--function-concurrency", str(CONCURRENCY)),
            *("--messages-ahead", str(AHEAD)),
            *("--retry-backoff-seconds", "0.1", "--retry-backoff-max-seconds", "0.1", "--wait"),
        ]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
