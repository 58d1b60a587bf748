"""Parameters of a template: what was given, else the default, checked as CloudFormation does."""

import re
from collections.abc import Mapping
from typing import Any

from headrace.errors import SettingsError
from headrace.plan.unknown import plain


class Parameters:
    """The values of parameters, and of pseudo parameters such as `AWS::Region`.

    Attributes:
        secrets: values of parameters with NoEcho, which must not be shown.
    """

    def __init__(self, declared: Any, given: Mapping[str, str]) -> None:
        """Take what was given.

        Args:
            declared: the template's Parameters.
            given: values by name; names of pseudo parameters begin with `AWS::`.

        Raises:
            SettingsError: a name is not declared, or a value is not allowed.
        """
        self._declared = declared if isinstance(declared, dict) else {}
        self._given = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com", **given}
        for name, value in given.items():
            if name in self._declared:
                _check(name, value, self._declaration(name))
            elif not name.startswith("AWS::"):
                raise SettingsError(f"--parameter {name}: the template has no such parameter")
        hidden = [name for name in self._declared if _is_hidden(self._declaration(name))]
        self.secrets = {text for name in hidden if (text := self._text(name))}

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def get(self, name: str) -> str | list[str] | None:
        """Return the value, or None if it is not known here."""
        text = self._text(name)
        kind = str(self._declaration(name).get("Type"))
        if text is not None and (kind == "CommaDelimitedList" or kind.startswith("List<")):
            return [part.strip() for part in text.split(",")]
        return text

    def _text(self, name: str) -> str | None:
        if name in self._given:
            return self._given[name]
        declaration = self._declaration(name)
        # The default of an SSM parameter is the name under which the service looks it up.
        is_looked_up = str(declaration.get("Type")).startswith("AWS::SSM::")
        return None if is_looked_up else _scalar(declaration.get("Default"))

    def _declaration(self, name: str) -> dict[str, Any]:
        declaration = self._declared.get(name)
        return declaration if isinstance(declaration, dict) else {}


def _scalar(value: Any) -> str | None:
    return plain(value) if isinstance(value, str | int | float) else None


def _is_hidden(declaration: Mapping[str, Any]) -> bool:
    return bool(plain(declaration.get("NoEcho")) == "true")


def _check(name: str, value: str, declaration: Mapping[str, Any]) -> None:
    place = f"--parameter {name}={value!r}"
    if _is_hidden(declaration):
        place = f"--parameter {name}"
    allowed = declaration.get("AllowedValues")
    if isinstance(allowed, list) and value not in map(plain, allowed):
        raise SettingsError(f"{place}: allowed are {', '.join(map(str, allowed))}")
    pattern = declaration.get("AllowedPattern")
    if isinstance(pattern, str) and not _fits(pattern, value):
        raise SettingsError(f"{place}: the pattern is {pattern}")
    if declaration.get("Type") == "Number":
        _check_number(place, value, declaration)


def _fits(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True  # Java's regular expressions know some that Python's do not


def _check_number(place: str, value: str, declaration: Mapping[str, Any]) -> None:
    try:
        number = float(value)
    except ValueError:
        raise SettingsError(f"{place}: not a number") from None
    for bound, too_far in (("MinValue", float.__lt__), ("MaxValue", float.__gt__)):
        limit = declaration.get(bound)
        if isinstance(limit, int | float) and too_far(number, float(limit)):
            raise SettingsError(f"{place}: {bound} is {limit}")
