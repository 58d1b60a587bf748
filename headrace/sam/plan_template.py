"""The plan of one function of a template."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from headrace.errors import SettingsError
from headrace.plan.given import Given
from headrace.plan.misspelt import misspelt
from headrace.plan.plan import Plan
from headrace.plan.secrets import hiding
from headrace.plan.unknown import Unknown
from headrace.sam.choice import choose
from headrace.sam.environment import environment_of, environment_settings
from headrace.sam.event_settings import read_event
from headrace.sam.function_code import code_of, properties_of, timeout_of
from headrace.sam.functions import StreamEvent, StreamFunction, stream_functions
from headrace.sam.intrinsics import FUNCTIONS
from headrace.sam.macros import expand
from headrace.sam.parameters import Parameters
from headrace.sam.reading import read_template
from headrace.sam.resolver import Resolver
from headrace.settings import variable

_REPORTS = variable("report_batch_item_failures")


def plan_template(
    path: Path,
    function: str | None,
    event: str | None,
    parameters: Mapping[str, str],
    *,
    here: bool,
) -> Plan:
    """Read a template and plan to run one of its functions.

    Args:
        path: the template.
        function: the function's logical name. None if only one has stream events.
        event: the event's name. None if the function has only one.
        parameters: values of the template's parameters, by name.
        here: whether the function runs in this process. If not, its code is not looked for.

    Raises:
        SettingsError: something is wrong or contradictory; names the place in the template.
    """
    template = read_template(path)
    try:
        values = Parameters(template.get("Parameters"), parameters)
        with hiding(values.secrets):
            expanded = expand(template, Resolver(template, values, FUNCTIONS))
            resolver = Resolver(expanded.template, values, FUNCTIONS)
            functions = stream_functions(expanded.template, resolver)
            chosen, source = choose(functions, function, event, expanded.gaps)
            plan = _plan(path, chosen, source, resolver, here=here)
        return replace(plan, warnings=expanded.warnings + plan.warnings)
    except SettingsError as error:
        raise SettingsError(f"{path.name}: {error}") from None
    except RecursionError:  # functions that refer to each other, in a circle
        raise SettingsError(f"{path.name}: references nested too deep") from None


def _plan(
    path: Path, function: StreamFunction, event: StreamEvent, resolver: Resolver, *, here: bool
) -> Plan:
    told, notes = read_event(event, resolver)
    about = {"template": str(path), "function": function.name, "event": event.name}
    given: dict[str, Given] = {}
    environment: dict[str, str] = {}
    warnings: list[str] = []
    code = None
    if function.properties is None:
        told["function"] = _elsewhere(event, resolver)
    else:
        properties = properties_of(function, resolver)
        environment, unknown = environment_of(properties, function.name)
        lines = [f"{name}: {value} is known on AWS only" for name, value in unknown.items()]
        lines += misspelt([*environment, *unknown])
        warnings = [f"{function.name}.Environment.{line}" for line in lines]
        _check_reporting(environment, told, function.name)
        given = environment_settings(environment, function.name, event.kind)
        told["function_timeout_seconds"] = timeout_of(properties, function.name)
        code = code_of(properties, function.name, path.parent) if here else None
    given |= told
    given = {name: Given(one.value, f"{path.name}: {one.origin}") for name, one in given.items()}
    if event.kind == "kafka":
        given.setdefault("group", Given(f"headrace-{function.name}", "default"))
    if code is not None:
        about["handler"] = code.name
    return Plan(
        event.kind,
        about,
        given,
        code.load if code else None,
        environment,
        notes,
        warnings,
        frozenset(resolver.parameters.secrets),
    )


def _check_reporting(
    environment: Mapping[str, str], told: Mapping[str, Given], function: str
) -> None:
    reports = environment.get(_REPORTS, "").lower() in {"true", "1"}
    mapping = told["report_batch_item_failures"]
    if reports and mapping.value is False:
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
