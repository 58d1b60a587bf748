"""The worker of the chaos runs: notes all that it does, and dies inside a window when told to.

`headrace run` imports this module, and with it come the kill points: before a commit is requested,
while it is on its way, and when its answer has come but nobody has noted it; the same for a write
to the failure destination. The conductor arms one by a file next to the history; the next time
the runner comes by, it kills itself there.
"""

import os
import random
import signal
import threading
import time
from pathlib import Path

import msgspec

from headrace import Record, Worker, lambda_handler
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.kafka.confluent import ConfluentConsumer
from headrace.runner.kafka.rebalance import Rebalance
from tests.support.chaos import history
from tests.support.chaos.payload import Payload

FOLDER, NAME = Path(os.environ["CHAOS_FOLDER"]), os.environ["CHAOS_NAME"]
ARMED = FOLDER / f"{NAME}.armed"
CURED = FOLDER / "cured"
NOTES = history.History(FOLDER / f"{NAME}.history")
ANSWERED = threading.Event()  # the commit that was requested last
WITHIN_SECONDS = 0.002  # a commit on one machine takes about that long


class Poisoned(Exception):
    pass


class Chaotic(Worker):
    """Takes its time for each record, fails for poison, and notes both."""

    def setup(self) -> None:
        self._seconds = float(os.environ["CHAOS_HANDLER_SECONDS"])
        self._payload = msgspec.json.Decoder(Payload)

    def process(self, record: Record) -> None:
        began = time.monotonic_ns()
        payload = self._payload.decode(record.value)
        time.sleep(random.uniform(0, 2 * self._seconds))
        fails = payload.poison and not CURED.exists()
        note(history.FAILED if fails else history.PROCESSED, record, began)
        if fails:
            raise Poisoned


def note(kind: str, record: Record, began: int | None = None) -> None:
    sequence = msgspec.json.decode(record.value, type=Payload).sequence
    position = record.position
    NOTES.note(kind, record.key.decode(), sequence, position.partition, position.offset, began)


def die_if_armed(point: str) -> None:
    """Die here, if the conductor wants that."""
    if _is_armed(point):
        _die(point)


def die_soon_if_armed(point: str, over: threading.Event) -> None:
    """Die in a moment, if the conductor wants that, and if it is not over by then."""
    if _is_armed(point):
        threading.Thread(target=_die_unless, args=(point, over), daemon=True).start()


def _is_armed(point: str) -> bool:
    try:
        return ARMED.read_text() == point
    except FileNotFoundError:
        return False


def _die_unless(point: str, over: threading.Event) -> None:
    if not over.wait(random.uniform(0, WITHIN_SECONDS)):
        _die(point)


def _die(point: str) -> None:
    NOTES.note(history.KILLED, point.replace(" ", "-"))
    os.kill(os.getpid(), signal.SIGKILL)


def assigned(rebalance, partitions):
    for number in partitions:
        NOTES.note(history.ASSIGNED, partition=number)
    _assigned(rebalance, partitions)


def lost(rebalance, partitions):
    for number in partitions:
        NOTES.note(history.LOST, partition=number)
    _lost(rebalance, partitions)


def commit(consumer, offsets):
    for partition, offset in offsets.items():
        NOTES.note(history.COMMITTING, partition=partition, offset=offset)
    die_if_armed("commit before")
    ANSWERED.clear()
    die_soon_if_armed("commit within", ANSWERED)
    _commit(consumer, offsets)


def answered(consumer, *args):
    ANSWERED.set()
    die_if_armed("commit after")
    _answered(consumer, *args)


def write(destination, records, *args, **more):
    over = threading.Event()
    die_if_armed("dead-letter before")
    die_soon_if_armed("dead-letter within", over)
    refusals = _write(destination, records, *args, **more)
    over.set()
    for record, refusal in zip(records, refusals, strict=True):
        if refusal is None:
            note(history.BURIED, record)
    die_if_armed("dead-letter after")
    return refusals


_assigned, Rebalance.assigned = Rebalance.assigned, assigned
_lost, Rebalance.lost = Rebalance.lost, lost
_commit, ConfluentConsumer.commit = ConfluentConsumer.commit, commit
_answered, ConfluentConsumer._answered = ConfluentConsumer._answered, answered
_write, FailureDestination.write = FailureDestination.write, write

handler = lambda_handler(Chaotic)
