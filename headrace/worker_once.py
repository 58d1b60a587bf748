"""What runs the batches of a worker whose `process` is `@once`."""

from typing import TYPE_CHECKING, Any

from headrace.definition import ONCE_MARK

if TYPE_CHECKING:
    from headrace.idempotency.batch import OnceRunner
    from headrace.input.typed_record import Typing


def worker_once(host: Any, typing: "Typing | None") -> "OnceRunner | None":
    """Return what runs a worker's batches; None if its `process` is not `@once`.

    Args:
        host: of the worker.
        typing: what reads the data of its records; None: the worker reads values itself.

    Raises:
        SettingsError: HEADRACE_ONCE_STORE is not set, or is wrong.
        WorkerError: the worker has a `process_batch`, which is called instead.
    """
    kind = type(host.worker)
    if not hasattr(kind.process, ONCE_MARK):
        return None
    from headrace.idempotency.opening import once_runner  # noqa: PLC0415 - for those who need it

    return once_runner(kind, host.settings, host.log, typing)
