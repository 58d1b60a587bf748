"""Settings by name, as a test gives them, for the worker and for the event source mapping."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from headrace.prepared import prepared
from headrace.runner.settings import MappingSettings
from headrace.worker import WorkerSettings

S = TypeVar("S", bound=msgspec.Struct)


class GivenSettings(NamedTuple):
    """The settings of both."""

    worker: WorkerSettings
    mapping: MappingSettings


def worker_settings(given: Mapping[str, Any]) -> WorkerSettings:
    """Make a worker's settings. Raises TypeError if a name or a value is wrong."""
    _refuse_unknown(given, WorkerSettings)
    return _made(WorkerSettings, given)


def all_settings(given: Mapping[str, Any]) -> GivenSettings:
    """Make the settings of a worker and of its mapping; what both have, both get.

    Raises:
        TypeError: a name or a value is wrong.
    """
    _refuse_unknown(given, WorkerSettings, MappingSettings)
    return GivenSettings(_made(WorkerSettings, given), _made(MappingSettings, given))


# They need processes or ports, or other rules of time than a topic in memory has.
_NOT_IN_MEMORY = {
    "event_record_format",
    "function",
    "function_timeout_seconds",
    "http_page",
    "http_port",
    "http_produce",
    "processes",
    "tumbling_window_in_seconds",
}


def memory_settings(given: Mapping[str, Any], dead_letters: bool) -> GivenSettings:
    """Make the settings of a worker on a topic in memory, and refuse what a run would refuse.

    Args:
        given: the settings by name.
        dead_letters: whether there is a place for what is given up, whatever URL is given.

    Raises:
        TypeError: a name or a value is wrong, or has no effect on a topic in memory.
        SettingsError: they contradict each other.
    """
    if refused := sorted(_NOT_IN_MEMORY & given.keys()):
        raise TypeError(f"{refused[0]} has no place in a StreamRun")
    made = all_settings(given)
    url = "memory:" if dead_letters else None
    replace(made.mapping, dead_letter_url=url, on_failure_url=None).check()
    return made


def _made(kind: type[S], given: Mapping[str, Any]) -> S:
    mine = {name: value for name, value in given.items() if name in kind.__struct_fields__}
    try:
        return msgspec.convert(mine, prepared(kind))
    except msgspec.ValidationError as error:
        raise TypeError(f"{kind.__name__}: {error}") from None


def _refuse_unknown(given: Mapping[str, Any], *kinds: type[msgspec.Struct]) -> None:
    known = {name for kind in kinds for name in kind.__struct_fields__}
    for name in given:
        if name not in known:
            raise TypeError(f"there is no setting {name!r}; there are {', '.join(sorted(known))}")
