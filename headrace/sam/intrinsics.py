"""CloudFormation's intrinsic functions, as far as their values can be known outside of it.

Each takes (context, argument, place) and returns a value, or Unknown. Each raises SettingsError,
with the place, if its argument has a wrong form.
"""

import json
import re
from base64 import b64encode
from typing import Any

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown, find_unknown, plain
from headrace.sam.conditions import condition
from headrace.sam.context import Context, Intrinsics

_MOST_CHARACTERS = 1 << 20  # of a text; a whole template has no more bytes
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def _text(value: Any, place: str, name: str) -> str:
    text = plain(value)
    if not isinstance(text, str):
        raise SettingsError(f"{place}: !{name} takes text, not {value!r}")
    return text


def _bound(size: int, place: str, name: str) -> None:
    """Refuse a text before it is made: thirty that hold each other twice would fill all memory."""
    if size > _MOST_CHARACTERS:
        raise SettingsError(f"{place}: !{name} makes more than {_MOST_CHARACTERS:,} characters")


def _ref(context: Context, argument: Any, place: str) -> Any:
    name = context.resolve(argument, place)
    if isinstance(name, Unknown):
        return Unknown(f"!Ref {name}")
    return context.reference(_text(name, place, "Ref"))


def _get_att(context: Context, argument: Any, place: str) -> Any:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if not isinstance(parts, list) or len(parts) != 2:
        raise SettingsError(f"{place}: !GetAtt takes resource.attribute")
    resource, attribute = (context.resolve(part, place) for part in parts)
    if unknown := find_unknown([resource, attribute]):
        return Unknown(f"!GetAtt of {unknown}")
    if not isinstance(resource, str) or not isinstance(attribute, str):
        raise SettingsError(f"{place}: !GetAtt takes resource.attribute")
    return context.attribute(resource, attribute)


def _sub(context: Context, argument: Any, place: str) -> Any:
    text, own = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str) or not isinstance(own, dict):
        raise SettingsError(f"{place}: !Sub takes text, or [text, values by name]")
    values = {}
    names = _VARIABLE.findall(text)
    for name in set(names):
        if name.startswith("!"):
            value: Any = f"${{{name[1:]}}}"  # ${!x} stands for ${x} itself
        elif name in own:
            value = context.resolve(own[name], place)
        elif "." in name and name not in context.parameters:
            value = context.attribute(*name.split(".", 1))
        else:
            value = context.reference(name)
        if isinstance(value, Unknown):
            whole = text == f"${{{name}}}"
            return Unknown(f"!Sub {text}", value.resource if whole else None)
        values[name] = _text(value, place, "Sub")
    _bound(sum(len(values[name]) for name in names), place, "Sub")
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def _if(context: Context, argument: Any, place: str) -> Any:
    if not isinstance(argument, list) or len(argument) != 3:
        raise SettingsError(f"{place}: !If takes [condition, value, value]")
    holds = condition(context, argument[0], place)
    if isinstance(holds, Unknown):
        return Unknown(f"!If {argument[0]}, which depends on {holds}")
    return context.resolve(argument[1 if holds else 2], place)


def _find_in_map(context: Context, argument: Any, place: str) -> Any:
    if not isinstance(argument, list) or len(argument) not in {3, 4}:
        raise SettingsError(f"{place}: !FindInMap takes [map, key, key]")
    keys = [context.resolve(key, place) for key in argument[:3]]
    unknown = find_unknown(keys)
    if unknown is not None:
        return Unknown(f"!FindInMap by {unknown}")
    found = _mapped(context.mappings, [_text(key, place, "FindInMap") for key in keys])
    if found is not None:
        return found
    default = argument[3] if len(argument) == 4 else None
    if isinstance(default, dict) and default.keys() == {"DefaultValue"}:
        return context.resolve(default["DefaultValue"], place)
    raise SettingsError(f"{place}: !FindInMap finds no {'.'.join(map(str, keys))} in Mappings")


def _mapped(mappings: Any, keys: list[str]) -> Any:
    for key in keys:
        if not isinstance(mappings, dict):
            return None
        # A key that looks like a number is one to YAML, and text to CloudFormation.
        mappings = {plain(name): value for name, value in mappings.items()}.get(key)
    return mappings


def _join(context: Context, argument: Any, place: str) -> Any:
    if not isinstance(argument, list) or len(argument) != 2:
        raise SettingsError(f"{place}: !Join takes [delimiter, [text, …]]")
    parts = context.resolve(argument[1], place)
    if unknown := find_unknown(parts):
        return Unknown(f"!Join of {unknown}")
    if not isinstance(parts, list):
        raise SettingsError(f"{place}: !Join takes [delimiter, [text, …]]")
    delimiter = _text(argument[0], place, "Join")
    texts = [_text(part, place, "Join") for part in parts]
    _bound(sum(map(len, texts)) + len(delimiter) * len(texts), place, "Join")
    return delimiter.join(texts)


def _split(context: Context, argument: Any, place: str) -> Any:
    if not isinstance(argument, list) or len(argument) != 2 or not argument[0]:
        raise SettingsError(f"{place}: !Split takes [delimiter, text]")
    value = context.resolve(argument[1], place)
    if isinstance(value, Unknown):
        return Unknown(f"!Split of {value}")
    return _text(value, place, "Split").split(_text(argument[0], place, "Split"))


def _select(context: Context, argument: Any, place: str) -> Any:
    if not isinstance(argument, list) or len(argument) != 2:
        raise SettingsError(f"{place}: !Select takes [index, [value, …]]")
    index, values = (context.resolve(part, place) for part in argument)
    if unknown := find_unknown(index) or (values if isinstance(values, Unknown) else None):
        return Unknown(f"!Select of {unknown}")
    text = plain(index)
    fits = isinstance(text, str) and text.isdecimal() and isinstance(values, list)
    if not fits or int(text) >= len(values):
        raise SettingsError(f"{place}: !Select finds no {index!r}")
    return values[int(text)]


def _to_json_string(context: Context, argument: Any, place: str) -> Any:
    value = context.resolve(argument, place)
    if unknown := find_unknown(value):
        return Unknown(f"!ToJsonString of {unknown}")
    return json.dumps(value, separators=(",", ":"), default=str)


def _import_value(context: Context, argument: Any, place: str) -> Any:
    return Unknown(f"!ImportValue {context.resolve(argument, place)}")


def _length(context: Context, argument: Any, place: str) -> Any:
    values = context.resolve(argument, place)
    if isinstance(values, Unknown):
        return Unknown(f"!Length of {values}")
    if not isinstance(values, list):
        raise SettingsError(f"{place}: !Length takes [value, …]")
    return len(values)


def _base64(context: Context, argument: Any, place: str) -> Any:
    value = context.resolve(argument, place)
    if isinstance(value, Unknown):
        return Unknown(f"!Base64 of {value}")
    return b64encode(_text(value, place, "Base64").encode()).decode()


FUNCTIONS: Intrinsics = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Length": _length,
    "Fn::Base64": _base64,
    "Fn::ImportValue": _import_value,
}
