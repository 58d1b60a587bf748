"""Which function of a template is meant, and which of its events."""

from typing import TypeVar

from headrace.errors import SettingsError
from headrace.sam.for_each import Gap
from headrace.sam.functions import StreamEvent, StreamFunction

_Named = TypeVar("_Named", StreamEvent, StreamFunction)


def choose(
    functions: list[StreamFunction],
    function: str | None,
    event: str | None,
    gaps: list[Gap],
    what: str = "function with stream or queue events",
) -> tuple[StreamFunction, StreamEvent]:
    """Return the function and the event that are meant.

    Args:
        functions: those of the template.
        function: the function's name. It may be left out if there is but one.
        event: the event's name. It may be left out if the function has but one.
        gaps: where the template may have more than could be found.
        what: which functions these are, in words.

    Raises:
        SettingsError: there is none; or there are several, or may be, and no name is given.
    """
    hidden = [gap.why for gap in gaps if gap.parent == "Resources"]
    chosen = _one(functions, function, what, "name one of", hidden)
    what = f"event of {chosen.name}"
    events = f"Resources.{chosen.name}.Properties.Events"
    hidden = [gap.why for gap in gaps if gap.parent == events]
    return chosen, _one(chosen.events, event, what, "choose by --event from", hidden)


def _one(found: list[_Named], name: str | None, what: str, how: str, hidden: list[str]) -> _Named:
    names = ", ".join(map(str, found))
    perhaps = "".join(f"; {why}" for why in hidden)
    if name is not None:
        found = [item for item in found if item.name == name]
        if not found:
            raise SettingsError(f"no {what} {name!r}, only {names or 'no others'}{perhaps}")
    if not found:
        raise SettingsError(f"no {what}{perhaps}")
    if len(found) > 1:
        raise SettingsError(f"more than one {what}: {how} {names}{perhaps}")
    if hidden and name is None:
        raise SettingsError(f"perhaps more than one {what}: {how} {names}{perhaps}")
    (one,) = found
    if one.open is not None:
        raise SettingsError(f"{one.name}: its condition depends on {one.open}: give --parameter")
    return one
