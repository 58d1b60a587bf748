"""A plain reading of event patterns, slow and obvious: the oracle of the compiled filter.

The event becomes its list of (path, value, which element of which array), as `aws/event-ruler`
describes it; a pattern becomes its alternatives, each a list of (path, rules). An alternative
matches if one value can be chosen for each path so that no two stand in different elements of
the same array; a path that must be absent has no value at all.
"""

from itertools import product
from typing import Any


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Whether the event matches the pattern."""
    leaves = list(_leaves(event, (), {}))
    return any(_holds(fields, leaves) for fields in _alternatives(pattern, ()))


def _leaves(node, path, elements):
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, (*path, key), elements)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _leaves(child, path, {**elements, id(node): index})
    else:
        yield path, node, elements


def _alternatives(pattern, path):
    groups = []
    for key, value in pattern.items():
        if key == "$or":
            groups.append([fields for choice in value for fields in _alternatives(choice, path)])
        elif isinstance(value, dict):
            groups.append(list(_alternatives(value, (*path, key))))
        else:
            groups.append([[((*path, key), value)]])
    for combination in product(*groups):
        yield [field for fields in combination for field in fields]


def _holds(fields, leaves):
    candidates = []
    for path, rules in fields:
        there = [(value, elements) for where, value, elements in leaves if where == path]
        found = [elements for value, elements in there if any(_rule(rule, value) for rule in rules)]
        if not there and any(_is(rule, {"exists": False}) for rule in rules):
            found = [{}]
        candidates.append(found)
    return any(_consistent(chosen) for chosen in product(*candidates))


def _consistent(chosen):
    together = {}
    for elements in chosen:
        for array, index in elements.items():
            if together.setdefault(array, index) != index:
                return False
    return True


def _is(one, other):
    return type(one) is type(other) and one == other


def _rule(rule, value):  # noqa: PLR0911
    if not isinstance(rule, dict):
        numbers = isinstance(rule, int | float) and isinstance(value, int | float)
        return (_is(rule, value) or numbers) and rule == value and not (
            isinstance(rule, bool) ^ isinstance(value, bool)
        )  # fmt: skip
    ((name, operand),) = rule.items()
    text = value if isinstance(value, str) else None
    if name == "exists":
        return operand
    if name == "anything-but":
        if isinstance(operand, dict):
            ((inner, given),) = operand.items()
            rules = [{inner: one} for one in (given if isinstance(given, list) else [given])]
        else:
            rules = operand if isinstance(operand, list) else [operand]
        return not any(_rule(one, value) for one in rules)
    if name == "numeric":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        pairs = zip(operand[::2], operand[1::2], strict=True)
        return all(eval(f"{value} {'==' if o == '=' else o} {bound}") for o, bound in pairs)
    if text is None:
        return False
    if isinstance(operand, dict):
        text, operand = text.lower(), operand["equals-ignore-case"].lower()
    if name == "prefix":
        return text[: len(operand)] == operand
    if name == "suffix":
        return text[max(0, len(text) - len(operand)) :] == operand
    assert name == "equals-ignore-case"
    return text.lower() == operand.lower()
