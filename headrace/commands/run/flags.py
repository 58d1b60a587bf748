"""The flags of `headrace run`: one for each setting of the source, the mapping and the worker."""

import argparse

import msgspec

from headrace.commands.flags import add_flag, described
from headrace.plan.given import flag_of, long_flag_of
from headrace.runner.settings import MappingSettings
from headrace.runner.source_settings import SOURCES, TITLES
from headrace.worker import WorkerSettings

_GROUPS: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    *((TITLES[kind], settings) for kind, settings in SOURCES.items()),
    ("Event source mapping", MappingSettings),
    ("Worker", WorkerSettings),
)
_VARIABLES = "Every setting is an environment variable, too: --batch-size is HEADRACE_BATCH_SIZE."


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Describe a flag for each setting, in groups. What two groups share stands in the first."""
    texts = _texts()
    known: set[str] = set()
    for title, kind in _GROUPS:
        group = parser.add_argument_group(title, _VARIABLES if kind is MappingSettings else None)
        for field in sorted(msgspec.structs.fields(kind), key=lambda field: not field.required):
            if field.name not in known:
                names = dict.fromkeys((flag_of(field.name), long_flag_of(field.name)))
                add_flag(group, field, texts[field.name], *names)
        known |= set(kind.__struct_fields__)


def _texts() -> dict[str, str]:
    """Return what the docstrings say about each setting, for each group that says it."""
    by_group: dict[str, dict[str, str]] = {}
    for title, kind in _GROUPS:
        for name, text in described(kind).items():
            by_group.setdefault(name, {}).setdefault(text, title)
    return {name: _joined(texts) for name, texts in by_group.items()}


def _joined(groups: dict[str, str]) -> str:
    if len(groups) == 1:
        return next(iter(groups))
    return " ".join(f"{group}: {text}" for text, group in groups.items())
