"""The operators of an event pattern, each compiled to a test of one JSON scalar.

What they mean is what AWS's engine (`aws/event-ruler`) makes of them: numbers are compared as
numbers, `true` is not 1, and texts character by character.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

Test = Callable[[Any], bool]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MOST = 5e9  # the engine knows numbers from -5e9 to 5e9


def compile_rules(rules: Sequence[Any]) -> Test:
    """One test for all rules, any of which may match: literals, and objects of one operator.

    Raises:
        ValueError: a rule is none; the message says why.
    """
    if any(isinstance(rule, list) for rule in rules):
        raise ValueError("a list inside a list of rules")
    literals = [rule for rule in rules if not isinstance(rule, dict)]
    tests = [_one_of(literals)] if literals else []
    tests += [_operation(rule) for rule in rules if isinstance(rule, dict)]
    return _any(tests)


def _any(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(value: Any) -> bool:
        for one in tests:  # noqa: SIM110 - any() costs twice as much, for every record
            if one(value):
                return True
        return False

    return test


def _operation(rule: dict[str, Any]) -> Test:
    if len(rule) != 1:
        raise ValueError(f"a rule has one operator, this has {len(rule)}: {sorted(rule)}")
    ((name, operand),) = rule.items()
    if name not in _OPERATORS:
        raise ValueError(f"no operator {name!r}, only {', '.join(_OPERATORS)}")
    return _OPERATORS[name](operand)


def _one_of(values: Sequence[Any]) -> Test:
    # A set holds 1 and True for one value; JSON does not.
    flags = frozenset(value for value in values if isinstance(value, bool))
    others = frozenset(value for value in values if not isinstance(value, bool))
    return lambda value: value in (flags if isinstance(value, bool) else others)


def _exists(operand: Any) -> Test:
    if operand is not True:  # false is of the field, not of a value: see filter_pattern
        raise ValueError("'exists' is true or false")
    return lambda _: True


def _prefix(operand: Any) -> Test:
    return _affix("prefix", operand, str.startswith)


def _suffix(operand: Any) -> Test:
    return _affix("suffix", operand, str.endswith)


def _affix(name: str, operand: Any, test: Callable[[str, str], bool]) -> Test:
    if isinstance(operand, dict) and operand.keys() == {"equals-ignore-case"}:
        (folded,) = _texts(name, [operand["equals-ignore-case"]])
        return lambda value: isinstance(value, str) and test(value.lower(), folded.lower())
    (text,) = _texts(name, [operand])
    return lambda value: isinstance(value, str) and test(value, text)


def _equals_ignore_case(operand: Any) -> Test:
    (text,) = _texts("equals-ignore-case", [operand])
    folded = text.lower()
    return lambda value: isinstance(value, str) and value.lower() == folded


def _anything_but(operand: Any) -> Test:
    if isinstance(operand, dict):
        test = _any_of_texts(operand)
    else:
        values = operand if isinstance(operand, list) else [operand]
        texts = all(isinstance(value, str) for value in values)
        if not values or not (texts or all(map(_is_number, values))):
            raise ValueError("'anything-but' takes a text, a number, or a list of one kind")
        test = _one_of(values)
    return lambda value: not test(value)


def _any_of_texts(operand: dict[str, Any]) -> Test:
    """What `anything-but` may negate: an operator on one text or on several."""
    if len(operand) != 1 or not operand.keys() <= _NEGATED.keys():
        raise ValueError(f"'anything-but' takes one of {', '.join(_NEGATED)}")
    ((name, given),) = operand.items()
    texts = _texts(name, given if isinstance(given, list) else [given])
    if not all(texts):
        raise ValueError(f"{name!r} under 'anything-but' takes no empty text or list")
    return _any([_NEGATED[name](text) for text in texts])


def _numeric(operand: Any) -> Test:
    (first, bound), *second = _comparisons(operand)
    if not second:
        return lambda value: _is_number(value) and first(value, bound)
    ((last, top),) = second
    return lambda value: _is_number(value) and first(value, bound) and last(value, top)


def _comparisons(operand: Any) -> list[tuple[Callable[[Any, Any], bool], float]]:
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        raise ValueError("'numeric' takes [operator, number] or [above, number, below, number]")
    names, bounds = operand[::2], operand[1::2]
    for name in names:
        if not isinstance(name, str) or name not in _COMPARISONS:
            raise ValueError(f"'numeric' knows {' '.join(_COMPARISONS)}, not {name!r}")
    for bound in bounds:
        if not _is_number(bound):
            raise ValueError(f"'numeric' takes numbers from -5e9 to 5e9, not {bound!r}")
    if len(names) == 2 and not (
        names[0][0] == ">" and names[1][0] == "<" and bounds[0] < bounds[1]
    ):
        raise ValueError("a 'numeric' range goes from a lower (> >=) to a higher bound (< <=)")
    return [(_COMPARISONS[name], bound) for name, bound in zip(names, bounds, strict=True)]


def _texts(name: str, values: Sequence[Any]) -> Sequence[str]:
    if not values or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name!r} takes text")
    return values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


_NEGATED: dict[str, Callable[[Any], Test]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
}
_OPERATORS: dict[str, Callable[[Any], Test]] = {
    **_NEGATED,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "exists": _exists,
}
