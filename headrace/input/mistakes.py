"""Everything that is wrong with a value, field by field: msgspec itself stops at the first fault.

A value that does not fit is taken apart along its type; each part is tried alone, until the parts
that are to blame have no parts themselves.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from headrace.explain import explain
from headrace.input.parts import Part, meant, names_of, parts

MOST = 100
"""How many mistakes of one value are listed: a message may hold a million."""

UNFIT = (msgspec.ValidationError, OverflowError, UnicodeEncodeError)
"""What is raised for a value that does not fit."""

_DEEPEST = 32  # each level reads all that is below it once more

Mistake = dict[str, str]


def mistakes(value: Any, kind: Any, path: str = "", depth: int = 0) -> Iterator[Mistake]:
    """Yield what is wrong with a value, each with its path: `items[0].price`.

    Args:
        value: of JSON's types.
        kind: the type that it should have.
        path: of the value itself.
        depth: how many values it is inside of; what is too deep is not taken apart.
    """
    try:
        convert(value, kind)
    except UNFIT as error:
        found = False
        for mistake in _inside(value, meant(kind, value), path, depth):
            found = True
            yield mistake
        if not found:
            yield _mistake(error, path)


def convert(value: Any, kind: Any) -> Any:
    """Return a value of JSON's types as one of another type. Raises one of UNFIT."""
    try:
        return msgspec.convert(value, kind, str_keys=True)
    except UnicodeEncodeError:  # perhaps of a name that means nothing here
        return msgspec.convert(_with_whole_names(value), kind, str_keys=True)


def _with_whole_names(value: Any) -> Any:
    """Return a value with halves of surrogate pairs in names escaped: no field has such a name."""
    if isinstance(value, dict):
        return {
            name.encode(errors="backslashreplace").decode(): _with_whole_names(item)
            for name, item in value.items()
        }
    return [*map(_with_whole_names, value)] if isinstance(value, list) else value


def _inside(value: Any, kind: Any, path: str, depth: int) -> Iterator[Mistake]:
    for part in parts(value, kind) if depth < _DEEPEST else ():
        yield from mistakes(part.value, part.kind, _below(path, part), depth + 1)
    if isinstance(value, dict):
        missing, unknown = names_of(value, kind)
        for name in missing:
            yield {"field": _below(path, Part(name)), "detail": "is missing"}
        for name in unknown:
            yield {"field": _below(path, Part(name)), "detail": "there is no such field"}


def _below(path: str, part: Part) -> str:
    if isinstance(part.name, int):
        return f"{path}[{part.name}]"
    return f"{path}.{part.name}" if path else part.name


def _mistake(error: Exception, path: str) -> Mistake:
    if isinstance(error, UnicodeEncodeError):
        return {"field": path, "detail": "half a surrogate pair stands in the text"}
    if not isinstance(error, msgspec.ValidationError):
        return {"field": path, "detail": "the number is too large"}
    what, where = explain(error)
    return {"field": (path + where).removeprefix("."), "detail": what}
