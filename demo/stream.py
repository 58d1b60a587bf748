"""One part of the demo: rows onto a stream, the classifier on it, every record accounted for."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from headrace import json_text
from headrace.commands.produce import produce
from headrace.dead_letters import reading
from headrace.handler import Handler
from headrace.runner.monitoring.stats import Stats
from headrace.runner.stop import Stop
from headrace.sinks import Message, lines
from training.tumor.data import Row
from workers.tumor_classifier import TumorClassifier

BAD = Message(b"bad", b'{"id": "bad", "radius_mean": "not a number"}')
_PATIENCE_SECONDS = 60.0

Run = Callable[[Handler, Stats, Stop], None]


class Account(NamedTuple):
    """What became of the records of one stream."""

    stream: str
    produced: int
    predicted: int
    right: int
    dead_lettered: int

    @property
    def wrong(self) -> int:
        """Predictions that are not the truth."""
        return self.predicted - self.right

    @property
    def lost(self) -> int:
        """Records that are neither predicted nor dead-lettered; must be 0."""
        return self.produced - self.predicted - self.dead_lettered


def classify(stream: str, url: str, rows: list[Row], run: Run, folder: Path) -> Account:
    """Produce the rows and one bad record, run the classifier on them, and count.

    Args:
        stream: what to call the stream in the table.
        url: the sink that writes to it.
        rows: features and truth; the row's number is its id and its key.
        run: polls the stream and calls the handler until it is told to stop.
        folder: where predictions and dead letters go; must be new.
    """
    messages = [_message(number, row) for number, row in enumerate(rows)]
    messages.insert(len(messages) // 2, BAD)
    produced = produce(url, messages)
    stats, stop = Stats(), Stop(max_records=produced)
    with _sinks(folder):
        runner = threading.Thread(
            target=run, args=(Handler(TumorClassifier), stats, stop), daemon=True
        )
        runner.start()
        _watch(runner, stream, stats, produced)
        stop.request()
        runner.join(_PATIENCE_SECONDS)
    return _account(stream, produced, rows, folder)


@contextmanager
def _sinks(folder: Path) -> Iterator[None]:
    """The worker's sinks, configured as they are anywhere else: by the environment."""
    folder.mkdir(parents=True)
    variables = {
        "HEADRACE_SINK_URL": f"file:{folder}/predictions.jsonl",
        "HEADRACE_DEAD_LETTER_URL": f"file:{folder}/dead-letters.jsonl",
        "HEADRACE_LOG_LEVEL": "ERROR",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _watch(runner: threading.Thread, stream: str, stats: Stats, produced: int) -> None:
    """Show the progress, until the runner is through or its time is up."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"classifying {stream}", total=produced)
        waited = 0.0
        while runner.is_alive() and waited < _PATIENCE_SECONDS:
            runner.join(0.1)
            waited += 0.1
            counts = stats.snapshot()
            progress.update(task, completed=counts.done + counts.dead_lettered)


def _message(number: int, row: Row) -> Message:
    value = json_text.encode({"id": number, **row.features})
    return Message(str(number).encode(), value)


def _account(stream: str, produced: int, rows: list[Row], folder: Path) -> Account:
    """Count records, not deliveries: at-least-once may write a prediction twice."""
    predictions = {
        answer["id"]: answer["result"]
        for answer in (json_text.decode(value) for value in _values(folder / "predictions.jsonl"))
    }
    letters = {reading.decode(v).id for v in _values(folder / "dead-letters.jsonl")}
    right = sum(rows[number].truth == label for number, label in predictions.items())
    return Account(stream, produced, len(predictions), right, len(letters))


def _values(path: Path) -> Iterator[bytes]:
    if path.exists():
        for line in path.read_bytes().splitlines():
            yield lines.decode(line).value or b""
