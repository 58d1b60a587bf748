"""Settings as they were given: a value, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown
from headrace.settings import read, variable

S = TypeVar("S", bound=msgspec.Struct)

_SHORT = {
    "bootstrap_servers": "--kafka",
    "stream": "--kinesis",
    "queue": "--sqs",
    "table": "--dynamodb",
    "endpoint_url": "--endpoint",
}


@dataclass(frozen=True)
class Given:
    """One setting.

    Attributes:
        value: text, or a value of the setting's type. Unknown if only AWS knows it.
        origin: a place in a template, a variable, a flag, or "default".
    """

    value: Any
    origin: str


def flag_of(setting: str) -> str:
    """Return the flag that gives this setting; the short one if there are two."""
    return _SHORT.get(setting) or long_flag_of(setting)


def long_flag_of(setting: str) -> str:
    """Return the flag with the setting's own name."""
    return "--" + setting.replace("_", "-")


def from_environment(kind: type[msgspec.Struct], environ: Mapping[str, str]) -> dict[str, Given]:
    """Return the settings whose variables are set and not empty."""
    return {
        name: Given(text, variable(name))
        for name in kind.__struct_fields__
        if (text := environ.get(variable(name)))
    }


def from_flags(kind: type[msgspec.Struct], flags: Mapping[str, Any]) -> dict[str, Given]:
    """Return the settings whose flags are given."""
    return {
        name: Given(value, flag_of(name))
        for name in kind.__struct_fields__
        if (value := flags.get(name)) not in (None, [])
    }


def build(kind: type[S], given: Mapping[str, Given]) -> S:
    """Return the settings as a struct.

    Raises:
        SettingsError: a setting is missing, wrong, or known to AWS only.
    """
    for field in msgspec.structs.fields(kind):
        name = field.name
        if field.required and name not in given:
            raise SettingsError(f"{flag_of(name)} is missing (or the variable {variable(name)})")
        if name in given and isinstance(given[name].value, Unknown):
            raise SettingsError(
                f"{given[name].origin}: {given[name].value} {given[name].value.why}:"
                f" give {flag_of(name)}"
            )
    values = {variable(name): setting.value for name, setting in given.items()}
    return read(kind, values, {name: setting.origin for name, setting in given.items()})
