"""Write docs/reference/settings.md from the docstrings of the settings.

Run `python docs/settings_reference.py` after a change of a setting; a test finds a stale page.
"""

import inspect
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from headrace.commands.flags import default_text, described, form
from headrace.plan.given import flag_of
from headrace.plan.groups import GROUPS, Group
from headrace.settings import bare, variable

PAGE = Path(__file__).parent / "reference" / "settings.md"

_INTRODUCTION = """\
# Settings

This page is made from the docstrings of the code.

Every setting is an environment variable. Those of `headrace run` and `headrace serve` are flags of
the command, too. A flag comes before a variable, a variable before a SAM template, and a template
before the default. An empty variable is as good as none. A wrong value is one line that says where
it was given.

- Choices are written in any case.
- Lists are written with commas: `a,b`.
- Pairs are written as `key=value`, with commas in a variable, and with one flag for each pair.
- `headrace run … --dry-run` shows each setting of a run with its value and where it came from.

Five secrets have no flag, since other users of a machine can see flags: `HEADRACE_SASL_PASSWORD`,
`HEADRACE_SSL_KEY_PASSWORD`, `HEADRACE_SCHEMA_REGISTRY_PASSWORD`, `HEADRACE_SCHEMA_REGISTRY_TOKEN`,
and `HEADRACE_API_KEY`, without which `headrace serve` and the page of a run then answer nobody.
"""
_HEADING = ("| Setting | Type | Default | Meaning |", "| --- | --- | --- | --- |")
_TYPES = {"true|false": "`true` or `false`", "KEY=VALUE": "pairs", "URL": "URL", "VALUE": "text"}


def page() -> str:
    """Return the whole page, as Markdown."""
    return "\n".join([_INTRODUCTION, *map(_section, GROUPS)])


def _section(group: Group) -> str:
    struct = group.struct()
    about = inspect.cleandoc(struct.__doc__ or "").partition(".")[0].replace("\n", " ")
    where = f"Flags of `headrace {group.command}`." if group.command else "Variables alone."
    texts = described(struct)
    fields = sorted(msgspec.structs.fields(struct), key=lambda field: not field.required)
    lines = [f"## {group.title}", "", f"{about}. {where}", "", *_HEADING]
    lines += [_row(field, texts[field.name], group.command) for field in fields]
    return "\n".join([*lines, ""])


def _row(field: FieldInfo, text: str, command: str | None) -> str:
    name = f"`{variable(field.name)}`"
    if command is not None:
        name += f"<br>`{_flag(field.name, command)}`"
    cells = (name, _type(field), _default(field), text.replace("|", "\\|"))
    return f"| {' | '.join(cells)} |"


def _flag(name: str, command: str) -> str:
    return flag_of(name.removeprefix("serve_") if command == "serve" else name)


def _default(field: FieldInfo) -> str:
    if field.required:
        return "required"
    default = default_text(field)
    return "-" if default is None else f"`{default}`"


def _type(field: FieldInfo) -> str:
    kind = bare(field.type)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{name}`" for name in get_args(kind))
    if get_origin(kind) is tuple:
        return "list"
    if kind not in {int, float}:
        return _TYPES[form(field)]
    noun = "seconds" if form(field) == "SECONDS" else "whole number" if kind is int else "number"
    return ", ".join(filter(None, (noun, _range(field.type))))


def _range(kind: Any) -> str:
    """Return the bounds of a number in words: `1 to 10,000`."""
    bounds = _bounds(kind)
    low = bounds.ge if bounds and bounds.ge is not None else None
    if low is not None and bounds and bounds.le is not None:
        return f"{low:,} to {bounds.le:,}"
    if low is not None:
        return f"at least {low:,}"
    return f"more than {bounds.gt:,}" if bounds and bounds.gt is not None else ""


def _bounds(kind: Any) -> msgspec.Meta | None:
    for part in (kind, *get_args(kind)):
        for extra in getattr(part, "__metadata__", ()):
            if isinstance(extra, msgspec.Meta):
                return extra
    return None


if __name__ == "__main__":
    PAGE.write_text(page())
