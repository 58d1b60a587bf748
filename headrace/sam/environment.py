"""The variables of a function, and which settings they give."""

from collections.abc import Mapping
from typing import Any

from headrace.errors import SettingsError
from headrace.kafka.security import KafkaSecurity
from headrace.plan.given import Given, flag_of, from_environment
from headrace.plan.unknown import Unknown, find_unknown, plain
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.source_settings import SOURCES
from headrace.settings import wrong_text
from headrace.worker import WorkerSettings

# A worker's sinks read these; they do not say where the runner connects.
_OF_SINKS = {"bootstrap_servers", *KafkaSecurity.__struct_fields__}
_READ = {*WorkerSettings.__struct_fields__, *_OF_SINKS}


def environment_of(
    properties: dict[str, Any], place: str
) -> tuple[dict[str, str], dict[str, Unknown]]:
    """Return the function's variables: those known here, and those known to AWS only."""
    environment = properties.get("Environment")
    variables = environment.get("Variables") if isinstance(environment, dict) else environment
    if variables is None or isinstance(variables, Unknown):
        return {}, {}
    if not isinstance(variables, dict):
        raise SettingsError(f"{place}.Environment: expected Variables by name")
    known, unknown = {}, {}
    for name, value in variables.items():
        text = plain(value)
        if found := find_unknown(value):
            unknown[str(name)] = found
        elif isinstance(text, str) and _can_be_set(str(name), text):
            known[str(name)] = text
        else:
            raise SettingsError(
                f"{place}.Environment.Variables.{name}: expected text, got {value!r}"
            )
    return known, unknown


def _can_be_set(name: str, text: str) -> bool:
    """Whether an environment takes the variable."""
    return name != "" and "=" not in name and wrong_text(name + text) is None


def environment_settings(
    environment: Mapping[str, str],
    function: str,
    kind: SourceKind,
    properties: Mapping[str, str],
) -> dict[str, Given]:
    """Return the settings that a function's variables give, such as HEADRACE_LOG_LEVEL.

    Args:
        environment: the variables by name.
        function: how messages name the function.
        kind: which source it is.
        properties: which property of its event gives which setting.

    Raises:
        SettingsError: on AWS nobody would read one of them.
    """
    told = {
        **from_environment(SOURCES[kind], environment),
        **from_environment(MappingSettings, environment),
        **from_environment(WorkerSettings, environment),
    }
    given = {}
    for name, setting in told.items():
        place = f"{function}.Environment.{setting.origin}"
        _check_is_read(name, kind, place, properties)
        if name not in _OF_SINKS:
            given[name] = Given(setting.value, place)
    return given


def _check_is_read(name: str, kind: SourceKind, place: str, properties: Mapping[str, str]) -> None:
    """Refuse what on AWS is a property of the event, or what runs here only."""
    properties = {**properties, "function_timeout_seconds": "Timeout"}
    if name in _READ:
        return
    if name in properties:
        raise SettingsError(f"{place} has no effect on AWS: set {properties[name]}")
    if name == "function" or name in SOURCES[kind].__struct_fields__:
        raise SettingsError(f"{place} has no effect on AWS: here, give {flag_of(name)}")
