"""Play a block of schedules on a run, and write down what happened to each partition."""

import logging
import math
from collections import Counter, defaultdict
from contextlib import ExitStack
from unittest import mock

from headrace import Reject, Worker
from headrace.testing.stream_run import StreamRun
from headrace.testing.stream_view import StreamView
from tests.support.histories.schedules import Block, Write

STEPS = 10_000

# A record's key and offset, and what became of it; or an end of a phase, and the group's position.
Entry = tuple[bytes | str | None, int, str | None]


class Hang(BaseException):
    """The handler does not return from here."""


class Script:
    """What the worker does with each record, and what it was given.

    Attributes:
        history: by partition, in order: what `process` was given and how that ended, and where
            the group stood at the end of each phase.
    """

    def __init__(self, block: Block) -> None:
        self.history: dict[int, list] = defaultdict(list)
        self._block = block
        self._written: dict[int, list[Write]] = defaultdict(list)
        self._seen: Counter[tuple[int, int]] = Counter()

    def worker(self) -> type[Worker]:
        script = self

        class Scripted(Worker):
            def process(self, record):
                return script.process(record)

        return Scripted

    def write(self, run: StreamRun, phase: int, step: int) -> None:
        """Write what the schedules have for this step."""
        for partition, phases in enumerate(self._block.partitions):
            for write in phases[phase].writes[step : step + 1]:
                for record in write:
                    self._written[partition].append(record)
                    run.produce([b"value"], record.key, partition=partition)

    def process(self, record):
        place = record.position.partition, record.position.offset
        fate = self._fate(place)
        self.history[place[0]].append((record.key, place[1], fate))
        if fate == "hang":
            raise Hang
        if fate == "fail":
            raise ValueError("as written")
        if fate == "reject":
            raise Reject("as written")
        return place[1]

    def _fate(self, place: tuple[int, int]) -> str:
        partition, offset = place
        write = self._written[partition][offset]
        times, self._seen[place] = self._seen[place], self._seen[place] + 1
        if times < write.hangs:
            return "hang"
        if times < write.hangs + write.fails:
            return "fail"
        return "reject" if write.rejected else "done"

    def note(self, run: StreamView, end: str) -> None:
        """Write down how a phase ended."""
        committed = run.committed
        for partition in range(len(self._block.partitions)):
            self.history[partition].append((end, committed.get(partition, 0), None))


def play(block: Block, make_run, change) -> dict[int, list[Entry]]:
    """Play a block.

    Args:
        block: the schedules.
        make_run: makes the run of a worker's class.
        change: has the group share its partitions anew: takes the run, the phase's number and how.

    Returns:
        the history of each partition.
    """
    script = Script(block)
    pause = math.inf if block.commits_late else 0.0
    with ExitStack() as stack:
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, logging.NOTSET)
        stack.enter_context(mock.patch("headrace.runner.committer._PAUSE_SECONDS", pause))
        # All that a step writes is fetched at once, however many schedules share a runner.
        stack.enter_context(mock.patch("headrace.runner.kafka.poller._CHUNK", 100_000))
        run = make_run(script.worker())
        stack.callback(getattr(run, "close", lambda: None))
        for phase, end in enumerate([*block.ends, "end"]):
            _play_phase(block, script, run, phase)
            script.note(run, f"before {end}")
            _end(run, phase, end, change)
            script.note(run, f"after {end}")
    note_results(run, script)
    return script.history


def _end(run: StreamRun, phase: int, end: str, change) -> None:
    if end in {"share", "silence"}:
        change(run, phase, end)
        return
    (run.kill if end == "crash" else run.stop)()
    if end != "end":
        run.restart()


def _play_phase(block: Block, script: Script, run: StreamRun, phase: int) -> None:
    steps = max(len(phases[phase].writes) for phases in block.partitions)
    for step in range(max(steps, 1)):
        script.write(run, phase, step)
        for _ in range(STEPS):
            try:
                run.run()
                break
            except Hang:
                continue


def note_results(run: StreamView, script: Script) -> None:
    """Write down what went to the sink and to the dead letters."""
    for letter in run.dead_letters:
        place = letter.position
        entry = (letter.key, place.offset, letter.error_type)
        script.history[place.partition].append(entry)
    for message in run.messages:
        partition, _, offset = message.id.partition("@")
        entry = (message.key, int(offset), "result")
        script.history[int(partition.rpartition("-")[2])].append(entry)


def comparable(history: list[Entry], *, ordered: bool) -> object:
    """Return what two histories have in common if they are the same.

    Args:
        history: of one partition.
        ordered: whether all its records come in order; or else only those of a key.
    """
    if ordered:
        return history
    keys = defaultdict(list)
    for key, number, what in history:
        keys[number if key is None else key].append((number, what))
    return dict(keys)
