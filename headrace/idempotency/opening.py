"""From a decorated `process` and the settings to what runs its batches."""

from headrace.definition import ONCE_MARK, overrides
from headrace.errors import SettingsError, WorkerError
from headrace.idempotency.batch import OnceRunner
from headrace.idempotency.decorator import OnceOptions
from headrace.idempotency.store import open_store
from headrace.worker import Worker


def once_runner(worker: Worker) -> OnceRunner:
    """Open the store of a worker whose `process` is `@once`.

    Raises:
        SettingsError: HEADRACE_ONCE_STORE is not set, or is wrong.
        WorkerError: the worker has a `process_batch`, which is called instead.
    """
    name, settings = type(worker).__name__, worker.settings
    options: OnceOptions = getattr(type(worker).process, ONCE_MARK)
    if overrides(type(worker), Worker, "process_batch"):
        raise WorkerError(f"{name}.process is @once, but process_batch is called instead")
    if settings.once_store is None:
        raise SettingsError(f"HEADRACE_ONCE_STORE is not set, and {name}.process is @once")
    store = open_store(settings.once_store)
    return OnceRunner(options, store, name, settings.once_lease_seconds, worker.log)
