"""An event pattern compiled to closures: all its fields must match, each by one of its rules.

Arrays of the event are looked through: a field matches if any element does, and fields of one
object pattern must match in one and the same element.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from headrace.runner.filter.dotted import behind_dots, inside, steps_apart
from headrace.runner.filter.rule import Test, compile_rules

# Asked of (an object of the event, the whole event).
Match = Callable[[dict[str, Any], dict[str, Any]], bool]
Path = tuple[str, ...]
CompileField = Callable[[str, Any, Path], Match]

_DEEPEST = 100
_OR = "$or"


class BadPattern(ValueError):
    """The pattern is none; the message names the place in it."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{'.'.join(path)}: {what}" if path else what)


def compile_pattern(pattern: Any, path: Path, field: CompileField) -> Match:
    """Compile an object of a pattern.

    Args:
        pattern: the object, as parsed JSON.
        path: where it stands in the whole pattern, `$or` included.
        field: compiles a (key, value) of it that is not `$or`.

    Raises:
        BadPattern: it is none.
    """
    if not isinstance(pattern, dict) or not pattern:
        raise BadPattern(path, "an object with at least one key is expected")
    if len(path) > _DEEPEST:
        raise BadPattern(path[:3], f"nested deeper than {_DEEPEST} objects")
    parts = [
        _alternatives(value, path, field) if key == _OR else field(key, value, path)
        for key, value in steps_apart(pattern)
    ]
    return _all(parts)


def _all(parts: Sequence[Match]) -> Match:
    if len(parts) == 1:
        return parts[0]

    def match(node: dict[str, Any], event: dict[str, Any]) -> bool:
        for part in parts:  # noqa: SIM110 - all() costs twice as much, for every record
            if not part(node, event):
                return False
        return True

    return match


def compile_field(key: str, value: Any, path: Path) -> Match:
    """Compile a field: a nested object, or a list of rules. Raises BadPattern."""
    path = (*path, key)
    if isinstance(value, dict):
        return _nested(key, compile_pattern(value, path, compile_field))
    if not isinstance(value, list):
        raise BadPattern(path, "an object or a list of rules is expected")
    if not value:
        raise BadPattern(path, "an empty list matches nothing")
    return _leaf(key, value, path)


def _alternatives(value: Any, path: Path, field: CompileField) -> Match:
    path = (*path, _OR)
    if not isinstance(value, list) or len(value) < 2:
        raise BadPattern(path, "a list of at least two objects is expected")
    choices = [compile_pattern(choice, path, field) for choice in value]
    return lambda node, event: any(choice(node, event) for choice in choices)


def _nested(key: str, inner: Match) -> Match:
    def match(node: dict[str, Any], event: dict[str, Any]) -> bool:
        child = node.get(key)
        if isinstance(child, dict):
            return inner(child, event)
        if child is None and (dotted := behind_dots(node, key)):
            return inner(dotted, event)
        # Without an object there, only a rule that asks for absence can match.
        objects = [item for item in _flat(child) if isinstance(item, dict)] or [{}]
        return any(inner(item, event) for item in objects)

    return match


def _leaf(key: str, rules: list[Any], path: Path) -> Match:
    try:
        test = compile_rules([rule for rule in rules if not _is_absence(rule)])
    except ValueError as error:
        raise BadPattern(path, str(error)) from None
    present = _any_value(key, test)
    if not any(map(_is_absence, rules)):
        return present
    place = [step for step in path if step != _OR]
    return lambda node, event: present(node, event) or not _is_present(event, place)


def _is_absence(rule: Any) -> bool:
    return isinstance(rule, dict) and rule.keys() == {"exists"} and rule["exists"] is False


def _any_value(key: str, test: Test) -> Match:
    def match(node: dict[str, Any], _: dict[str, Any]) -> bool:
        if key not in node:
            return False
        value = node[key]
        if not isinstance(value, list | dict):
            return test(value)
        return any(test(item) for item in _flat(value) if not isinstance(item, dict))

    return match


def _is_present(event: dict[str, Any], place: Sequence[str]) -> bool:
    """Whether any scalar stands at the place: objects, and empty arrays, are no values."""
    nodes: list[Any] = [event]
    for key in place:
        objects = [item for node in nodes for item in _flat(node) if isinstance(item, dict)]
        nodes = [value for item in objects for value in inside(item, key)]
    return any(not isinstance(item, dict) for node in nodes for item in _flat(node))


def _flat(node: Any) -> Iterator[Any]:
    """The elements of nested arrays, or the node itself. A loop: JSON nests as deep as it likes."""
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            yield item
