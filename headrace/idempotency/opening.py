"""From a decorated `process` and the settings to what runs its batches."""

from headrace.definition import ONCE_MARK, overrides
from headrace.errors import SettingsError, WorkerError
from headrace.idempotency.batch import OnceRunner
from headrace.idempotency.decorator import FieldKey, Key, OnceOptions
from headrace.idempotency.store import open_store
from headrace.input.typed_record import Typing
from headrace.record import Record
from headrace.worker import Worker


def once_runner(worker: Worker, typing: Typing | None = None) -> OnceRunner:
    """Open the store of a worker whose `process` is `@once`.

    Args:
        worker: the worker.
        typing: reads values, of which a field may be the key; None: they are JSON.

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
    if typing is not None and isinstance(options.key, FieldKey):
        options = options._replace(key=_of_values(options.key, typing))
    store = open_store(settings.once_store)
    return OnceRunner(options, store, name, settings.once_lease_seconds, worker.log)


def _of_values(key: FieldKey, typing: Typing) -> Key:
    def of_value(record: Record) -> str:
        return key.of(typing.value(record))

    return of_value
