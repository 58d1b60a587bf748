"""A plan in writing: YAML, each setting with its value and where it came from."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_origin

import msgspec
from msgspec.structs import fields

from headrace.errors import SettingsError
from headrace.plan.given import Given
from headrace.plan.plan import OF_THE_WORKER, Plan
from headrace.plan.secrets import hide
from headrace.plan.unknown import Unknown
from headrace.runner.settings import MappingSettings
from headrace.runner.source_settings import SOURCES
from headrace.settings import parted
from headrace.sinks.url import HIDDEN, shown
from headrace.worker import WorkerSettings

_SECRET = re.compile(
    r"(?i)password|passwd|secret|token|credentials?$|private|jaas|oauthbearer\.config$|(^|[._])key$|\.pem$"
)
_BARE = re.compile(r"[A-Za-z_./][\w./:@,-]*(?<!:)")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def describe(plan: Plan) -> str:
    """Return the plan as YAML, without secrets."""
    lines = [f"{name}: {_shown(name, value, plan)}" for name, value in plan.about.items()]
    lines += ["", f"{plan.kind}:", *_settings(fields(SOURCES[plan.kind]), plan)]
    lines += ["", "mapping:", *_settings(fields(MappingSettings), plan)]
    if plan.load is not None:
        own = [field for field in fields(WorkerSettings) if field.name in OF_THE_WORKER]
        lines += ["", "worker:", *_settings(own, plan)]
    if plan.environment:
        lines += ["", "environment:  # if not set already"]
        lines += [
            f"  {name}: {_shown(name, value, plan)}" for name, value in plan.environment.items()
        ]
    if notes := plan.warnings + plan.notes:
        lines += ["", *(f"# {hide(note, plan.secrets)}" for note in notes)]
    return "\n".join(lines) + "\n"


def _settings(settings: Sequence[msgspec.structs.FieldInfo], plan: Plan) -> Iterator[str]:
    rows = []
    for field in sorted(settings, key=lambda field: not field.required):
        given = plan.given.get(field.name) or _default(field)
        value = "?"
        if not isinstance(given.value, Unknown):
            value = _shown(field.name, _parsed(field, given.value), plan)
        rows.append((f"  {field.name}: {value}", _origin(given)))
    width = min(48, max(len(row) for row, _ in rows))
    return (f"{row:{width}}  # {origin}" for row, origin in rows)


def _default(field: msgspec.structs.FieldInfo) -> Given:
    if field.required:
        return Given(Unknown("missing"), "missing")
    if field.default_factory is not msgspec.NODEFAULT:
        return Given(field.default_factory(), "default")
    return Given(field.default, "default")


def _parsed(field: msgspec.structs.FieldInfo, value: Any) -> Any:
    """Return the value as the setting has it. A wrong one is an error later; pairs are hidden."""
    try:
        return msgspec.convert(parted("", value, field.type), field.type, strict=False)
    except (msgspec.ValidationError, SettingsError):
        return value if get_origin(field.type) is not dict else None


def _origin(given: Given) -> str:
    if isinstance(given.value, Unknown) and given.origin != "missing":
        return f"{given.origin}: {given.value} {given.value.why}"
    return given.origin


def _shown(name: str, value: Any, plan: Plan) -> str:
    """Return a value as YAML, on one line."""
    hidden = _hide(name, value, plan.secrets)
    if isinstance(hidden, str) and _BARE.fullmatch(hidden) and hidden.lower() not in _WORDS:
        return hidden
    return json.dumps(hidden, ensure_ascii=False)


def _hide(name: str, value: Any, secrets: frozenset[str]) -> Any:
    if value is not None and _SECRET.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _hide(key, inner, secrets) for key, inner in value.items()}
    if not isinstance(value, str):
        return value
    value = hide(value, secrets)
    return shown(value) if _URL.match(value) else value
