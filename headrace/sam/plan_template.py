"""The plan of one function of a template."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from headrace.errors import SettingsError
from headrace.plan.given import Given
from headrace.plan.misspelt import misspelt
from headrace.plan.plan import Plan
from headrace.plan.secrets import hiding
from headrace.plan.unknown import Unknown
from headrace.sam.choice import choose
from headrace.sam.environment import environment_of, environment_settings
from headrace.sam.event_settings import properties_by_setting, read_event
from headrace.sam.function_code import Code, code_of, properties_of, timeout_of
from headrace.sam.functions import StreamEvent, StreamFunction, stream_functions
from headrace.sam.intrinsics import FUNCTIONS
from headrace.sam.invoke_config import asynchronous_functions
from headrace.sam.invoke_settings import SETTINGS, read_invoke_config
from headrace.sam.macros import expand
from headrace.sam.parameters import Parameters
from headrace.sam.reading import read_template
from headrace.sam.resolver import Resolver
from headrace.settings import variable

_REPORTS = variable("report_batch_item_failures")
_STREAMS = stream_functions, "function with stream or queue events"
_ASYNCHRONOUS = asynchronous_functions, "function"


def plan_template(
    path: Path,
    function: str | None,
    event: str | None,
    parameters: Mapping[str, str],
    *,
    here: bool,
    asynchronous: bool,
) -> Plan:
    """Read a template and plan to run one of its functions.

    Args:
        path: the template.
        function: the function's logical name. None if only one has stream events.
        event: the event's name. None if the function has only one. If the function is called
            asynchronously, the name of an EventInvokeConfig.
        parameters: values of the template's parameters, by name.
        here: whether the function runs in this process. If not, its code is not looked for.
        asynchronous: whether it is called with events of SNS, S3 or EventBridge, not with batches
            of a stream or a queue that the template names.

    Raises:
        SettingsError: something is wrong or contradictory; names the place in the template.
    """
    template = read_template(path)
    try:
        values = Parameters(template.get("Parameters"), parameters)
        with hiding(values.secrets):
            expanded = expand(template, Resolver(template, values, FUNCTIONS))
            resolver = Resolver(expanded.template, values, FUNCTIONS)
            find, what = _ASYNCHRONOUS if asynchronous else _STREAMS
            functions = find(expanded.template, resolver)
            chosen, source = choose(functions, function, event, expanded.gaps, what)
            plan = _plan(path, chosen, source, resolver, here=here)
        return replace(plan, warnings=expanded.warnings + plan.warnings)
    except SettingsError as error:
        raise SettingsError(f"{path.name}: {error}") from None
    except RecursionError:  # functions that refer to each other, in a circle
        raise SettingsError(f"{path.name}: references nested too deep") from None


def _read(event: StreamEvent, resolver: Resolver) -> tuple[dict[str, Given], list[str]]:
    if event.is_asynchronous:
        return read_invoke_config(event, resolver), []
    return read_event(event, resolver)


@dataclass(frozen=True)
class _Told:
    """What the function itself says, beside its event.

    Attributes:
        given: settings by name.
        environment: its variables.
        warnings: what whoever runs it should know.
        code: what is run; None if it is elsewhere.
    """

    given: dict[str, Given]
    environment: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    code: Code | None = None


def _plan(
    path: Path, function: StreamFunction, event: StreamEvent, resolver: Resolver, *, here: bool
) -> Plan:
    by_event, notes = _read(event, resolver)
    if function.properties is None:
        told = _Told({"function": _elsewhere(event, resolver)})
    else:
        told = _told(function, event, by_event, resolver, path.parent if here else None)
    given = {
        name: Given(one.value, f"{path.name}: {one.origin}")
        for name, one in {**told.given, **by_event}.items()
    }
    if event.kind == "kafka":
        given.setdefault("group", Given(f"headrace-{function.name}", "default"))
    about = {"template": str(path), "function": function.name, "event": event.name}
    code = told.code
    return Plan(
        event.kind,
        about if code is None else about | {"handler": code.name},
        given,
        None if code is None else code.load,
        told.environment,
        notes,
        told.warnings,
        frozenset(resolver.parameters.secrets),
    )


def _told(
    function: StreamFunction,
    event: StreamEvent,
    by_event: Mapping[str, Given],
    resolver: Resolver,
    folder: Path | None,
) -> _Told:
    """Return what a function of the template says. With a folder, its code is looked for there."""
    name = function.name
    properties = properties_of(function, resolver)
    environment, unknown = environment_of(properties, name)
    _check_reporting(environment, by_event, name)
    properties_by = SETTINGS if event.is_asynchronous else properties_by_setting(event.kind)
    given = environment_settings(environment, name, event.kind, properties_by)
    given["function_timeout_seconds"] = timeout_of(properties, name)
    lines = [f"{variable}: {value} is known on AWS only" for variable, value in unknown.items()]
    lines += misspelt([*environment, *unknown])
    return _Told(
        given,
        environment,
        [f"{name}.Environment.{line}" for line in lines],
        None if folder is None else code_of(properties, name, folder),
    )


def _check_reporting(
    environment: Mapping[str, str], told: Mapping[str, Given], function: str
) -> None:
    reports = environment.get(_REPORTS, "").lower() in {"true", "1"}
    mapping = told.get("report_batch_item_failures")  # no answer to an asynchronous call is read
    if reports and mapping is not None and mapping.value is False:
        raise SettingsError(
            f"{function}.Environment.{_REPORTS} is true, but {mapping.origin} has no"
            " ReportBatchItemFailures: on AWS failed records would be lost"
        )


def _elsewhere(event: StreamEvent, resolver: Resolver) -> Given:
    """Return the address of a function that the template does not make. Raises SettingsError."""
    place = f"{event.place}.FunctionName"
    name = resolver.resolve(event.properties.get("FunctionName"), place)
    if not isinstance(name, str | Unknown) or name == "":
        raise SettingsError(f"{place}: expected a name or an ARN, got {name!r}")
    return Given(name, place)
