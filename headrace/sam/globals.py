"""Globals of a template: what all functions of SAM have in common."""

from typing import Any


def merged(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Merge as SAM merges Globals: objects by key, lists joined, otherwise the function's own."""
    whole = {**shared, **own}
    for key in shared.keys() & own.keys():
        one, other = shared[key], own[key]
        if _is_plain(one) and _is_plain(other):
            whole[key] = merged(one, other)
        elif isinstance(one, list) and isinstance(other, list):
            whole[key] = one + other
    return whole


def _is_plain(value: Any) -> bool:
    """Return whether this is an object, not a function call such as `{"Ref": …}`."""
    return isinstance(value, dict) and not any(
        key == "Ref" or str(key).startswith("Fn::") for key in value
    )
