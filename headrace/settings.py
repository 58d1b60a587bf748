"""Configuration from the environment, parsed once into a frozen, typed struct.

A field `sink_url` is read from the variable `HEADRACE_SINK_URL` (see `variable`). Empty means
unset. Tuples are written with commas, dicts as KEY=VALUE with commas, choices in any case.
"""

import os
import re
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from headrace.errors import SettingsError
from headrace.explain import explain
from headrace.prepared import prepared

__all__ = ["read"]  # what is public

S = TypeVar("S", bound=msgspec.Struct)

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Deaggregation = Literal["kcl", "all", "off"]
"""How records that the Kinesis Producer Library packed are taken apart: see KinesisSource."""

PREFIX = "HEADRACE_"
_NO_NUMBERS = {"nan", "inf", "infinity"}  # no time, and no size, is one of these
_LONGEST_SECONDS = 10**9  # the timers of an operating system do not take any number


def variable(field: str) -> str:
    """The environment variable of a setting: `sink_url` is read from `HEADRACE_SINK_URL`.

    All begin alike, so that no variable of somebody else's (GROUP, REGION) is taken for a setting.
    """
    return PREFIX + field.upper()


def read(
    kind: type[S],
    environ: Mapping[str, Any] | None = None,
    origins: Mapping[str, str] | None = None,
) -> S:
    """Parse the variables that the struct `kind` names.

    Args:
        kind: the struct.
        environ: values by variable: text as in the environment, parsed by the field's type, or
            a value or list of texts from elsewhere. None: the environment.
        origins: where values come from if not from their variables, by field.

    Raises:
        SettingsError: a value is missing or wrong; the message names its origin.
    """
    environ = os.environ if environ is None else environ
    places = {name: variable(name) for name in kind.__struct_fields__} | dict(origins or {})
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        name = variable(field.name)
        value = environ.get(name)
        if value is not None and value != "":
            _check_texts(places[field.name], value)
            values[field.name] = parted(places[field.name], value, field.type)
    try:
        settings = msgspec.convert(values, prepared(kind), strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_complaint(error, values, places)) from None
    for name, value in values.items():
        if name.endswith("_seconds") and getattr(settings, name) > _LONGEST_SECONDS:
            most = f"expected a number of at most {_LONGEST_SECONDS}"
            raise SettingsError(f"{places[name]}={value!r}: {most}")
    return settings


def secret(name: str, environ: Mapping[str, str] | None = None) -> str:
    """Return what a variable holds that no message may show; "" if it is not set.

    Args:
        name: of the variable.
        environ: values by variable. None: the environment.

    Raises:
        SettingsError: it is not UTF-8.
    """
    text = (os.environ if environ is None else environ).get(name, "")
    if wrong := wrong_text(text):
        raise SettingsError(f"{name} is {wrong}")
    return text


def pairs(name: str, texts: Sequence[str]) -> dict[str, str]:
    """Texts of the form KEY=VALUE as a dict. Raises SettingsError, with `name` for their place."""
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise SettingsError(f"{name}: {text!r} is not KEY=VALUE")
        if key in found:
            raise SettingsError(f"{name}: {key} is given twice")
        found[key] = value
    return found


def parted(name: str, value: Any, kind: Any) -> Any:
    """Return text, or a list of texts, in the parts that a tuple, a dict or a choice is made of.

    Args:
        name: how an error names the place.
        value: as it was given; what is no text passes through.
        kind: the field's type. For any other type, text is returned unchanged.

    Raises:
        SettingsError: a part of a dict is not KEY=VALUE, or the text is none of the choices.
    """
    kind = bare(kind)
    origin = get_origin(kind)
    if origin is Literal and isinstance(value, str):
        return _chosen(name, value, get_args(kind))
    if (
        kind is float
        and isinstance(value, str)
        and value.strip().lower().lstrip("+-") in _NO_NUMBERS
    ):
        raise SettingsError(f"{name}={value!r}: expected a number")
    if origin not in {tuple, dict} or not isinstance(value, str | list):
        return value
    texts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if origin is dict:
        return pairs(name, texts)
    return [parted(name, text, get_args(kind)[0]) for text in texts]


def bare(kind: Any) -> Any:
    """Return a field's type without its bounds and without None."""
    while get_origin(kind) in {Annotated, Union, UnionType}:
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return kind


def choices(names: Sequence[str]) -> str:
    """Return names to choose from as people list them: `A, B or C`."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _check_texts(name: str, value: Any) -> None:
    """Raise SettingsError for text that libraries written in C take for their own mistake."""
    texts = [*value, *value.values()] if isinstance(value, dict) else value
    for text in texts if isinstance(texts, list) else [texts]:
        if isinstance(text, str) and (wrong := wrong_text(text)):
            raise SettingsError(f"{name}={text!r}: {wrong}")


def wrong_text(text: str) -> str | None:
    """Return why a text can stand in no environment, such as an escaped half of a surrogate."""
    if "\0" in text:
        return "not text: it holds a NUL"
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes of an environment or a command line
        return "not UTF-8"
    return None


def _chosen(name: str, text: str, names: Sequence[str]) -> str:
    """Return the choice that the text means, in whatever case it is written."""
    for known in names:
        if text.casefold() == known.casefold():
            return known
    raise SettingsError(f"{name}={text!r}: choose {choices(names)}")


def _complaint(
    error: msgspec.ValidationError, values: Mapping[str, object], places: Mapping[str, str]
) -> str:
    what, where = explain(error)
    name = re.split(r"[.\[]", where.removeprefix("."))[0]
    if name:
        return f"{places[name]}={values.get(name)!r}: {what}"
    # A struct's own check, or one that is missing: its fields stand in quotes.
    return re.sub(r"[`'](\w+)[`']", lambda found: places.get(found[1], found[0]), what)
