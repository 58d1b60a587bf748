"""What msgspec finds wrong with a value, in words for people."""

import re
from typing import NamedTuple

import msgspec

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "array": "a list",
    "object": "an object",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_EXPECTED = re.compile(r"Expected `(.+?)`(?: (of length )?([<>]=?) (\S+?))?(?:, got `.+`)?")
# Of a list whose items have types of their own.
_LENGTH = re.compile(r"Expected `array` of (at least |at most )?length (\d+(?: to \d+)?), got \d+")
_FIELD = re.compile(r"Object (contains unknown|missing required) field `(.+)`")
_PLACE = re.compile(r" - at `(?:key` in `)?\$(.*)`$")


class Mistake(NamedTuple):
    """What is wrong, and where: `.Filters[0].Pattern`, or nothing for the whole value."""

    what: str
    where: str


def explain(error: msgspec.ValidationError) -> Mistake:
    """Return what is wrong, in one line that begins in lower case, and where."""
    message = str(error)
    place = _PLACE.search(message)
    what = _PLACE.sub("", message)
    if expected := _EXPECTED.fullmatch(what):
        what = f"expected {_expected(*expected.groups())}"
    elif length := _LENGTH.fullmatch(what):
        items = "item" if length[2] == "1" else "items"
        what = f"expected a list of {length[1] or ''}{length[2]} {items}"
    elif field := _FIELD.fullmatch(what):
        known = field[1] == "missing required"
        what = f"{field[2]!r} is missing" if known else f"there is no {field[2]!r}"
    else:
        what = f"{what[:1].lower()}{what[1:]}"
    return Mistake(what, place[1] if place else "")


def _expected(types: str, length: str | None, sign: str | None, bound: str | None) -> str:
    kinds = [_TYPES.get(kind, kind) for kind in types.split(" | ") if kind != "null"]
    text = " or ".join(kinds or ["nothing"])
    if sign is None:
        return text
    number = str(bound).removesuffix(".0")
    if length is None:
        return f"{text} of {_BOUNDS[sign]} {number}"
    item = "character" if types == "str" else "item"
    return f"{text} of {_BOUNDS[sign]} {number} {item}{'' if number == '1' else 's'}"
