"""Configuration from the environment, parsed once into a frozen, typed struct.

A field's name in upper case is its variable: `sink_url` is read from `SINK_URL`. Empty means
unset. Tuples are written with commas.
"""

import os
import re
from collections.abc import Mapping
from typing import TypeVar, get_origin

import msgspec

from workers.errors import SettingsError

S = TypeVar("S", bound=msgspec.Struct)

_PLACE = re.compile(r" - at `\$\.(\w+).*`$")


def read(kind: type[S], environ: Mapping[str, str] | None = None) -> S:
    """Parse the variables that the struct `kind` names.

    Raises:
        SettingsError: a value is missing or wrong; the message names the variable.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, str | list[str]] = {}
    for field in msgspec.structs.fields(kind):
        text = environ.get(field.name.upper(), "")
        if text:
            is_list = get_origin(field.type) is tuple
            values[field.name] = [p.strip() for p in text.split(",")] if is_list else text
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(str(error), values)) from None


def _explain(message: str, values: Mapping[str, object]) -> str:
    place = _PLACE.search(message)
    if not place:
        return re.sub(r"`(\w+)`", lambda found: found[1].upper(), message)
    name = place[1]
    return f"{name.upper()}={values.get(name)!r}: {_PLACE.sub('', message)}"
