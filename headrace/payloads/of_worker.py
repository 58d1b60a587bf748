"""What reads the data of a worker's records, as its class and its settings say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headrace.input.declared import worker_input

if TYPE_CHECKING:
    from headrace.input.typed_record import Typing


def worker_typing(
    host: Any, base: type, variables: Mapping[str, str] | None = None
) -> "Typing | None":
    """Return what reads the data of a worker's records; None if the worker reads values itself.

    Args:
        host: of the worker, whose class declares an input. Its settings say how keys and values of
            Kafka are read.
        base: the class of all workers.
        variables: where secrets of a schema registry are. None: the environment.

    Raises:
        WorkerError: nothing can be read into what the class declares.
        SettingsError: a setting is missing or wrong.
    """
    settings, declared = host.settings, worker_input(type(host.worker), base)
    if settings.value_frame is not None or settings.key_frame is not None:
        from headrace.payloads.typing import open_typing  # noqa: PLC0415 - for those who need it

        return open_typing(settings, declared, variables, host.log)
    if declared is None:
        return None
    from headrace.input.declared_typing import DeclaredTyping  # noqa: PLC0415 - as above

    return DeclaredTyping(declared)
