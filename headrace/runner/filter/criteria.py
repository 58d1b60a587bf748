"""The text of filter criteria: how patterns are written down, here and at the service."""

from typing import Any

from headrace import json_text
from headrace.errors import SettingsError

_MOST_PATTERNS = 5
_LONGEST_PATTERN = 4096


def read_criteria(text: str | None) -> list[Any]:
    """The patterns, parsed but not yet understood.

    Args:
        text: a JSON array of patterns, each an object or its JSON text; the form of the service,
            `{"Filters": [{"Pattern": …}]}`, is read, too. None: no patterns.

    Raises:
        SettingsError: it is none of these, or more or longer than the service takes.
    """
    if text is None:
        return []
    given = _parsed(text, "HEADRACE_FILTER_CRITERIA")
    if isinstance(given, dict):
        given = _from_service(given)
    if not isinstance(given, list):
        raise SettingsError("HEADRACE_FILTER_CRITERIA is not a JSON array of patterns")
    if len(given) > _MOST_PATTERNS:
        raise SettingsError(
            f"HEADRACE_FILTER_CRITERIA has {len(given)} patterns, {_MOST_PATTERNS} are the most"
        )
    return [_pattern(number, pattern) for number, pattern in enumerate(given, start=1)]


def _from_service(given: dict[str, Any]) -> list[Any] | None:
    filters = given.get("Filters", [])
    if not given.keys() <= {"Filters"} or not isinstance(filters, list):
        return None
    if not all(isinstance(item, dict) and item.keys() == {"Pattern"} for item in filters):
        return None
    return [item["Pattern"] for item in filters]


def _pattern(number: int, given: Any) -> Any:
    if not isinstance(given, str):
        return given
    place = f"HEADRACE_FILTER_CRITERIA: pattern {number}"
    if len(given) > _LONGEST_PATTERN:
        raise SettingsError(f"{place} is longer than {_LONGEST_PATTERN} characters")
    return _parsed(given, place)


def _parsed(text: str, place: str) -> Any:
    try:
        return json_text.decode(text)
    except json_text.JsonError as error:
        raise SettingsError(f"{place} is not JSON: {error}") from None
