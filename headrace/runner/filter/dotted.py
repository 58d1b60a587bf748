"""Keys with dots: in patterns and in events, `a.b` and `b` inside of `a` are the same place.

So AWS's engine has it: it knows a value by the path of names that leads to it.
"""

from collections.abc import Iterator
from typing import Any


def steps_apart(pattern: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the fields of a pattern, with keys without dots.

    Fields that lead into the same object stand in one object there, so that in an array they must
    match in the same element.
    """
    found: list[tuple[str, Any]] = []
    for key, value in pattern.items():
        field = _apart(key, value)
        if not any(_joined(other, field) for other in found):
            found.append(field)
    return found


def behind_dots(node: dict[str, Any], key: str) -> dict[str, Any]:
    """Return what stands in an object of an event under keys that begin with `key` and a dot."""
    if not any("." in name for name in node):
        return {}
    start = key + "."
    return {name[len(start) :]: node[name] for name in node if name.startswith(start)}


def inside(node: dict[str, Any], key: str) -> Iterator[Any]:
    """Yield what stands in an object of an event under a key, with dots or without."""
    if key in node:
        yield node[key]
    if dotted := behind_dots(node, key):
        yield dotted


def _apart(key: str, value: Any) -> tuple[str, Any]:
    first, *rest = key.split(".")
    if not all((first, *rest)):
        return key, value
    for step in reversed(rest):
        value = {step: value}
    return first, value


def _joined(known: tuple[str, Any], field: tuple[str, Any]) -> bool:
    """Put a field into one of the same key, if both are objects that share no field."""
    (key, objects), (other, more) = known, field
    if key != other or not (isinstance(objects, dict) and isinstance(more, dict)):
        return False
    if objects.keys() & more.keys():
        return False
    objects.update(more)
    return True
