"""A worker, set up for a test: with settings from the test, and sinks in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from headrace.definition import check_complete
from headrace.handler import Handler
from headrace.sinks import Sink
from headrace.sinks.open import open_if_set
from headrace.worker import Worker, WorkerSettings
from headrace.worker_host import WorkerHost


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
    check_complete(worker if isinstance(worker, type) else type(worker), Worker)
    if isinstance(worker, type):
        host = WorkerHost.open(worker, settings, results, letters)
        try:
            yield Handler.of(host)
        finally:
            host.close()
        return
    worker.settings = settings
    sink = results or open_if_set(settings.sink_url)
    dead_letters = letters or open_if_set(settings.dead_letter_url)
    yield Handler.of(WorkerHost(worker, sink, dead_letters))
