"""Configuration from the environment, parsed once into a frozen, typed struct.

A field `sink_url` is read from the variable `HEADRACE_SINK_URL` (see `variable`). Empty means
unset. Tuples are written with commas, dicts as KEY=VALUE with commas.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_origin

import msgspec

from headrace.errors import SettingsError

S = TypeVar("S", bound=msgspec.Struct)

_PREFIX = "HEADRACE_"
_PLACE = re.compile(r" - at `\$\.(\w+).*`$")


def variable(field: str) -> str:
    """The environment variable of a setting: `sink_url` is read from `HEADRACE_SINK_URL`.

    All begin alike, so that no variable of somebody else's (GROUP, REGION) is taken for a setting.
    """
    return _PREFIX + field.upper()


def read(kind: type[S], environ: Mapping[str, Any] | None = None) -> S:
    """Parse the variables that the struct `kind` names.

    Args:
        kind: the struct.
        environ: values by variable: text as in the environment, parsed by the field's type, or
            a value or list of texts from elsewhere. None: the environment.

    Raises:
        SettingsError: a value is missing or wrong; the message names the variable.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        name = variable(field.name)
        value = environ.get(name)
        if value is not None and value != "":
            values[field.name] = parted(name, value, field.type)
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(str(error), values)) from None


def pairs(name: str, texts: Sequence[str]) -> dict[str, str]:
    """Texts of the form KEY=VALUE as a dict. Raises SettingsError, with `name` for their place."""
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise SettingsError(f"{name}: {text!r} is not KEY=VALUE")
        found[key] = value
    return found


def parted(name: str, value: Any, kind: Any) -> Any:
    """Text, or a list of texts, in the parts that a tuple or a dict is made of.

    Args:
        name: how an error names the place.
        value: as it was given; what is no text passes through.
        kind: the field's type; of other than tuples and dicts, text passes through.

    Raises:
        SettingsError: a part of a dict is not KEY=VALUE.
    """
    origin = get_origin(kind)
    if origin not in {tuple, dict} or not isinstance(value, str | list):
        return value
    texts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    return pairs(name, texts) if origin is dict else texts


def _explain(message: str, values: Mapping[str, object]) -> str:
    place = _PLACE.search(message)
    if not place:
        return re.sub(r"`(\w+)`", lambda found: variable(found[1]), message)
    name = place[1]
    return f"{variable(name)}={values.get(name)!r}: {_PLACE.sub('', message)}"
