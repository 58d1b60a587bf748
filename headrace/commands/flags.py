"""Flags made from settings: one for each field, described by the settings' own docstrings."""

import argparse
import inspect
import os
import re
from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from headrace.settings import bare, read, variable

N = TypeVar("N", int, float)
S = TypeVar("S", bound=msgspec.Struct)


def described(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return what the docstrings of a struct and its bases say about their fields, by name."""
    texts: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        section = inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")[2]
        for entry in re.split(r"\n(?= {4}\w+: )", f"\n{section}"):
            name, _, text = " ".join(entry.split()).partition(": ")
            texts[name] = text
    return texts


def add_flag(
    group: argparse._ActionsContainer, field: msgspec.structs.FieldInfo, text: str, *flags: str
) -> None:
    """Describe the flag of one setting.

    Args:
        group: what the flag is added to.
        field: the setting.
        text: what the docstring says about it.
        flags: the flag's names.
    """
    default = default_text(field)
    if default is not None:
        text = f"{text} Default: {default}."
    options: dict[str, Any] = {"metavar": form(field)}
    if get_origin(field.type) is dict:
        options["action"] = "append"
        text += " May be repeated."
    group.add_argument(*flags, dest=field.name, help=text.replace("%", "%%"), **options)


def over_variables(kind: type[S], args: argparse.Namespace, flag: Callable[[str], str]) -> S:
    """Read settings: flags over variables; both are parsed and checked in one way.

    Args:
        kind: of the settings.
        args: the flags, by the settings' names.
        flag: returns what a setting's flag is called.

    Raises:
        SettingsError: one is missing or wrong; the message says where it was given.
    """
    names = kind.__struct_fields__
    flags = {name: text for name in names if (text := getattr(args, name)) is not None}
    values = os.environ | {variable(name): text for name, text in flags.items()}
    return read(kind, values, {name: flag(name) for name in flags})


def positive(kind: type[N]) -> Callable[[str], N]:
    """Return what argparse parses a positive number of this type with."""

    def parse(text: str) -> N:
        try:
            number = kind(text)
        except ValueError:
            number = kind(0)
        if not 0 < number < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not a positive number")
        return number

    return parse


def default_text(field: msgspec.structs.FieldInfo) -> str | None:
    """Return a setting's default as it would be written; nothing if it has none."""
    default = field.default
    if default is msgspec.NODEFAULT or default is None or default == ():
        return None
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def form(field: msgspec.structs.FieldInfo) -> str:
    """Return how a setting's value is written: `N`, `SECONDS`, or its choices."""
    kind = bare(field.type)
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if get_origin(kind) is dict:
        return "KEY=VALUE"
    if get_origin(kind) is tuple:
        return "VALUE,…"
    if kind is bool:
        return "true|false"
    if kind is float or field.name.endswith("_in_seconds"):
        return "SECONDS"
    return "N" if kind is int else "URL" if field.name.endswith("_url") else "VALUE"
