"""A worker, set up for a test: with settings from the test, and sinks in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from headrace.handler import Handler
from headrace.sinks import Sink, open_sink
from headrace.worker import Worker, WorkerSettings


@contextmanager
def opened(
    worker: type[Worker] | Worker,
    settings: WorkerSettings,
    results: Sink | None,
    letters: Sink | None,
) -> Iterator[Handler]:
    """Set a worker up, and close it if it was made here.

    Args:
        worker: a class to make it of, or a worker that is ready.
        settings: the worker's settings.
        results: where results go; None: as the settings say.
        letters: where dead letters go; None: as the settings say.

    Yields:
        the handler of the worker.
    """
    made = worker() if isinstance(worker, type) else worker
    made.settings = settings
    made._sink = results or _open(settings.sink_url)
    made._dead_letters = letters or _open(settings.dead_letter_url)
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


def _open(url: str | None) -> Sink | None:
    return open_sink(url) if url else None
