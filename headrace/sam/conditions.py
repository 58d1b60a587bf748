"""Conditions of a template: whether a resource exists, which branch an `!If` takes."""

from typing import Any

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown, plain
from headrace.sam.context import Context


def condition(context: Context, name: Any, place: str) -> bool | Unknown:
    """Return whether the condition with this name holds. Raises SettingsError."""
    if not isinstance(name, str) or name not in context.conditions:
        raise SettingsError(f"{place}: no condition {name!r} in Conditions")
    if name not in context.known_conditions:  # each once: one may name another twice, and so on
        with context.once(f"condition {name}") as first:
            if not first:
                raise SettingsError(f"Conditions.{name} refers to itself")
            found = _holds(context, context.conditions[name], f"Conditions.{name}")
            context.known_conditions[name] = found
    return context.known_conditions[name]


def _holds(context: Context, node: Any, place: str) -> bool | Unknown:
    ((name, argument),) = node.items() if isinstance(node, dict) and len(node) == 1 else [("", "")]
    if name == "Condition":
        return condition(context, argument, place)
    if name == "Fn::Equals":
        return _equal(context, argument, place)
    if name not in {"Fn::And", "Fn::Or", "Fn::Not"} or not isinstance(argument, list):
        raise SettingsError(f"{place}: a condition is !Equals, !And, !Or, !Not or !Condition")
    parts = [_holds(context, part, place) for part in argument]
    if name != "Fn::Not":
        return _combined(parts, decisive=name == "Fn::Or")
    if len(parts) != 1:
        raise SettingsError(f"{place}: !Not takes [condition]")
    return parts[0] if isinstance(parts[0], Unknown) else not parts[0]


def _combined(parts: list[bool | Unknown], *, decisive: bool) -> bool | Unknown:
    """Combine !Or (decided by one that holds) or !And (decided by one that does not)."""
    if decisive in parts:
        return decisive
    return next((part for part in parts if isinstance(part, Unknown)), not decisive)


def _equal(context: Context, argument: Any, place: str) -> bool | Unknown:
    if not isinstance(argument, list) or len(argument) != 2:
        raise SettingsError(f"{place}: !Equals takes [value, value]")
    one, other = (context.resolve(value, place) for value in argument)
    for value in (one, other):
        if isinstance(value, Unknown):
            return value
    return bool(plain(one) == plain(other))
