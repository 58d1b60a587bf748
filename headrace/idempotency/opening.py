"""From a decorated `process` and the settings to what runs its batches."""

from headrace.definition import ONCE_MARK, overrides
from headrace.errors import SettingsError, WorkerError
from headrace.idempotency.batch import OnceRunner
from headrace.idempotency.decorator import FieldKey, Key, OnceOptions
from headrace.idempotency.store import open_store
from headrace.input.typed_record import Typing
from headrace.log import Log
from headrace.record import Record
from headrace.worker import Worker, WorkerSettings


def once_runner(
    kind: type[Worker], settings: WorkerSettings, log: Log, typing: Typing | None = None
) -> OnceRunner:
    """Open the store of a worker whose `process` is `@once`.

    Args:
        kind: the worker's class.
        settings: of the worker.
        log: where it is told what went wrong.
        typing: reads values, of which a field may be the key; None: they are JSON.

    Raises:
        SettingsError: HEADRACE_ONCE_STORE is not set, or is wrong.
        WorkerError: the worker has a `process_batch`, which is called instead.
    """
    name = kind.__name__
    options: OnceOptions = getattr(kind.process, ONCE_MARK)
    if overrides(kind, Worker, "process_batch"):
        raise WorkerError(f"{name}.process is @once, but process_batch is called instead")
    if settings.once_store is None:
        raise SettingsError(f"HEADRACE_ONCE_STORE is not set, and {name}.process is @once")
    if typing is not None and isinstance(options.key, FieldKey):
        options = options._replace(key=_of_values(options.key, typing))
    store = open_store(settings.once_store)
    return OnceRunner(options, store, name, settings.once_lease_seconds, log)


def _of_values(key: FieldKey, typing: Typing) -> Key:
    def of_value(record: Record) -> str:
        return key.of(typing.value(record))

    return of_value
