"""The flags of `headrace run`: one for each setting, described by the settings' own docstrings."""

import argparse
import inspect
import re
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from headrace.plan.given import flag_of, long_flag_of
from headrace.plan.plan import SOURCES
from headrace.runner.settings import MappingSettings


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Describe a flag for each setting of the sources and of the mapping, in three groups."""
    groups: list[tuple[str, type[msgspec.Struct]]] = [
        ("Kafka", SOURCES["kafka"]),
        ("Kinesis", SOURCES["kinesis"]),
        ("event source mapping", MappingSettings),
    ]
    known: set[str] = set()
    for title, kind in groups:
        about = "every setting is a variable, too: --batch-size is HEADRACE_BATCH_SIZE"
        group = parser.add_argument_group(title, about if kind is MappingSettings else None)
        texts = described(kind)
        for field in sorted(msgspec.structs.fields(kind), key=lambda field: not field.required):
            if field.name not in known:  # a region is Kafka's and Kinesis's alike
                _add(group, field, texts.get(field.name, ""))
        known |= set(kind.__struct_fields__)


def described(kind: type[msgspec.Struct]) -> dict[str, str]:
    """What the docstrings of a struct and its bases say about their fields, by name."""
    texts: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        section = inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")[2]
        for entry in re.split(r"\n(?= {4}\w+: )", f"\n{section}"):
            name, _, text = " ".join(entry.split()).partition(": ")
            texts[name] = text
    return texts


def _add(group: argparse._ArgumentGroup, field: msgspec.structs.FieldInfo, text: str) -> None:
    flags = dict.fromkeys((flag_of(field.name), long_flag_of(field.name)))
    default = field.default
    if default is not msgspec.NODEFAULT and default is not None:
        text = f"{text} Default: {str(default).lower() if default in (True, False) else default}."
    options: dict[str, Any] = {"metavar": _metavar(field)}
    if get_origin(field.type) is dict:
        options["action"] = "append"
        text += " May be repeated."
    group.add_argument(*flags, dest=field.name, help=text.replace("%", "%%"), **options)


def _metavar(field: msgspec.structs.FieldInfo) -> str:
    kinds = [kind for kind in get_args(field.type) if kind is not type(None)] or [field.type]
    kind = kinds[0] if get_origin(field.type) in {Annotated, Union, UnionType} else field.type
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if kind is bool:
        return "true|false"
    if get_origin(kind) is dict:
        return "KEY=VALUE"
    if kind is float or "_in_seconds" in field.name:
        return "SECONDS"
    return "N" if kind is int or int in get_args(kind) else "VALUE"
