"""A runner on the changes of a table that is killed and stopped, and started again.

Moto keeps nothing over a restart, so it is not harmed itself. Its shards close, by a proxy.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from headrace.testing.moto_server import aws_environment
from tests.support.dynamodb.rolling import LINES, RollingStreams
from tests.support.dynamodb.tables import create_table, dynamodb
from tests.support.notes import Notes
from tests.support.ordeal import Ordeal

ROOT = Path(__file__).parents[3]
KEYS = 25  # as many as one request writes: none of them twice
_BATCH = 10
_AT_ONCE = 2
_AHEAD = 2  # batches
MOST_REPEATED_BY_A_KILL = LINES * _BATCH * _AT_ONCE * _AHEAD
_SLOW_ONES = 60  # of a long run; of a short one some


class TableChaos:
    """One chaos run on a table of its own.

    Args:
        changes: how many are made, of the keys in turn.
        moto: address of the stand-in.
        streams: its streams, whose shards close.
        folder: for notes, logs and checkpoints.

    Attributes:
        notes: what was worked on, in order: the item's key and its number.
    """

    def __init__(self, changes: int, moto: str, streams: RollingStreams, folder: Path) -> None:
        self._table = f"chaos-{folder.name}"
        create_table(moto, self._table)
        self._client: Any = dynamodb(moto)
        self._address = streams.url
        self._folder = folder
        self._log = folder / "runners.log"
        self._slow_share = min(0.003, _SLOW_ONES / changes)
        self.notes = Notes(folder / "notes")
        self._ordeal = Ordeal(changes, 1, self._start, self._write, self.notes, self._log)

    def run(self, kills: int, stops: int) -> None:
        """Let a runner work while the items change, and harm it, until all is done."""
        self._ordeal.run(kills, stops)
        self._ordeal.stop()

    def end(self) -> None:
        """Leave nothing behind."""
        self._ordeal.end()

    def _write(self, numbers: range) -> None:
        for begin in range(numbers.start, numbers.stop, KEYS):
            puts = [
                {"PutRequest": {"Item": _item(number)}}
                for number in range(begin, min(begin + KEYS, numbers.stop))
            ]
            self._client.batch_write_item(RequestItems={self._table: puts})

    def _start(self) -> "subprocess.Popen[bytes]":
        environ = {
            **os.environ,
            **aws_environment(self._address),
            "CHAOS_NOTES": str(self.notes.path),
            "CHAOS_SLOW_SECONDS": "2",
            "CHAOS_SLOW_SHARE": str(self._slow_share),
        }
        command = [
            *(sys.executable, "-m", "headrace", "run", "tests.support.workers.chaos"),
            *("--dynamodb", self._table, "--checkpoints", str(self._folder / "checkpoints.sqlite")),
            *("--batch-size", str(_BATCH), "--parallelization-factor", str(_AT_ONCE)),
            *("--uncommitted-batches", str(_AHEAD), "--records-ahead", "1"),
            *("--retry-backoff-seconds", "0.1", "--retry-backoff-max-seconds", "0.1"),
        ]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


def _item(number: int) -> dict[str, dict[str, str]]:
    return {"id": {"S": f"k{number % KEYS}"}, "n": {"N": str(number // KEYS)}}
