"""Which function of a template is meant, and which of its stream events."""

from typing import TypeVar

from headrace.errors import SettingsError
from headrace.sam.functions import StreamEvent, StreamFunction

_Named = TypeVar("_Named", StreamEvent, StreamFunction)


def choose(
    functions: list[StreamFunction], function: str | None, event: str | None
) -> tuple[StreamFunction, StreamEvent]:
    """The function and the event that are meant.

    Args:
        functions: those of the template.
        function: its name; None where there is but one.
        event: its name; None where there is but one.

    Raises:
        SettingsError: there is none, or several without a name.
    """
    chosen = _one(functions, function, "function with stream events", "name one of")
    what = f"stream event of {chosen.name}"
    return chosen, _one(chosen.events, event, what, "choose by --event from")


def _one(found: list[_Named], name: str | None, what: str, how: str) -> _Named:
    names = ", ".join(map(str, found))
    if name is not None:
        found = [item for item in found if item.name == name]
        if not found:
            raise SettingsError(f"no {what} {name!r}, only {names or 'no others'}")
    if not found:
        raise SettingsError(f"no {what}")
    if len(found) > 1:
        raise SettingsError(f"more than one {what}: {how} {names}")
    (one,) = found
    if one.open is not None:
        raise SettingsError(f"{one.name}: its condition depends on {one.open}: give --parameter")
    return one
