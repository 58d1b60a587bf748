"""Settings by name, as a test gives them, for the worker and for the event source mapping."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

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
