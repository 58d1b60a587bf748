"""A worker, set up for a test: with settings from the test, and sinks in memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from headrace.handler import Handler
from headrace.sinks import Sink, open_sink
from headrace.worker import Worker, WorkerSettings


@contextmanager
def opened(
    worker: type[Worker] | Worker,
    settings: Mapping[str, Any],
    results: Sink | None,
    letters: Sink | None,
) -> Iterator[Handler]:
    """Set a worker up, and close it if it was made here.

    Args:
        worker: a class to make it of, or a worker that is ready.
        settings: the worker's settings by name.
        results: where results go; None: as the settings say.
        letters: where dead letters go; None: as the settings say.

    Yields:
        the handler of the worker.

    Raises:
        TypeError: there is no such setting, or its value is wrong.
    """
    chosen = worker_settings(settings)
    made = worker() if isinstance(worker, type) else worker
    made.settings = chosen
    made._sink = results or _open(chosen.sink_url)
    made._dead_letters = letters or _open(chosen.dead_letter_url)
    handler = Handler(type(made))
    handler._worker = made
    if made is worker:
        yield handler
        return
    made.setup()
    try:
        yield handler
    finally:
        handler.close()


def worker_settings(given: Mapping[str, Any]) -> WorkerSettings:
    """Make a worker's settings. Raises TypeError if a name or a value is wrong."""
    for name in given:
        if name not in WorkerSettings.__struct_fields__:
            known = ", ".join(WorkerSettings.__struct_fields__)
            raise TypeError(f"a worker has no setting {name!r}; there are {known}")
    try:
        return msgspec.convert(dict(given), WorkerSettings)
    except msgspec.ValidationError as error:
        raise TypeError(f"a worker's settings: {error}") from None


def _open(url: str | None) -> Sink | None:
    return open_sink(url) if url else None
