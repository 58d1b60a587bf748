"""What a run is told, layer over layer: defaults, template, environment, flags."""

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from headrace.errors import SettingsError
from headrace.loading import find_handler
from headrace.names import stream_name, table_of
from headrace.plan.given import Given, build, flag_of, from_environment, from_flags
from headrace.plan.plan import OF_THE_WORKER, Plan
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.source_settings import HINTS, NAMED_BY, SOURCES
from headrace.sam.function_code import Code
from headrace.sam.plan_template import plan_template
from headrace.settings import choices, pairs, variable
from headrace.worker import WorkerSettings

_TEMPLATES = (".yaml", ".yml", ".json", ".template")

# Where they lie unless a setting says so; of an ARN, by the name in it.
_CHECKPOINTS: dict[SourceKind, Callable[[str], str]] = {
    "kinesis": lambda stream: f"var/checkpoints/{stream_name(stream)}.sqlite",
    "dynamodb": lambda table: f"var/checkpoints/dynamodb/{table_of(table) or table}.sqlite",
}


def plan_run(args: argparse.Namespace) -> Plan:
    """Return the plan for a command line. Raises SettingsError."""
    flags = vars(args)
    is_template = Path(args.worker or "").suffix in _TEMPLATES
    plan = _of_template(args) if is_template else _of_worker(args)
    _refuse_others(plan.kind, flags)
    given = dict(plan.given)
    kinds: tuple[type[msgspec.Struct], ...] = (
        SOURCES[plan.kind],
        MappingSettings,
        WorkerSettings,
    )
    for kind in kinds:
        given |= from_environment(kind, os.environ) | from_flags(kind, flags)
    named = given.get(NAMED_BY[plan.kind])
    if plan.kind in _CHECKPOINTS and named is not None and "checkpoints" not in given:
        given["checkpoints"] = Given(_CHECKPOINTS[plan.kind](str(named.value)), "default")
    plan = replace(plan, given=given)
    _refuse_without_worker(plan, flags)
    return plan


def _of_template(args: argparse.Namespace) -> Plan:
    elsewhere = _elsewhere(args)
    if args.handler and elsewhere:
        raise SettingsError("--handler and --function: the function is either here or elsewhere")
    parameters = pairs("--parameter", args.parameter)
    if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        parameters.setdefault("AWS::Region", region)
    here = not (args.handler or elsewhere)
    plan = plan_template(
        Path(args.worker),
        args.name,
        args.event,
        parameters,
        here=here,
        asynchronous=_is_asynchronous(vars(args)),
    )
    return _with_handler(plan, args.handler) if args.handler else plan


class _Manner(msgspec.Struct, frozen=True):
    """What must be known before a template is read, named as the setting of a queue."""

    asynchronous: bool = False


def _is_asynchronous(flags: Mapping[str, Any]) -> bool:
    told = from_environment(_Manner, os.environ) | from_flags(_Manner, flags)
    return build(_Manner, told).asynchronous


def _of_worker(args: argparse.Namespace) -> Plan:
    for flag, value in (
        ("a second name", args.name),
        ("--event", args.event),
        ("--parameter", args.parameter),
    ):
        if value:
            raise SettingsError(f"{flag} goes with a template (.yaml)")
    if sum(map(bool, (args.worker, args.handler, _elsewhere(args)))) != 1:
        raise SettingsError(
            "name a worker or a template, or give --handler or --function"
            " (HEADRACE_FUNCTION): one of them"
        )
    plan = Plan(_kind(vars(args)), {}, {}, None)
    name = args.worker or args.handler
    if name and plan.kind == "kafka":
        plan.given["group"] = Given(f"headrace-{name.replace(':', '-')}", "default")
    if args.worker:
        return replace(plan, about={"handler": name}, load=partial(find_handler, name))
    return _with_handler(plan, name) if name else plan


def _elsewhere(args: argparse.Namespace) -> str | None:
    """Return the address of the function, if it is not in this process."""
    return args.function or os.environ.get(variable("function")) or None


def _with_handler(plan: Plan, name: str) -> Plan:
    return replace(plan, about=plan.about | {"handler": name}, load=Code(name, Path.cwd()).load)


def _kind(flags: Mapping[str, Any]) -> SourceKind:
    """Return what is read, by flags, or else by variables. Raises SettingsError."""
    for told in (flags, {name: os.environ.get(variable(name)) for name in NAMED_BY.values()}):
        kinds = [kind for kind, name in NAMED_BY.items() if told.get(name)]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            told_of = " and ".join(flag_of(NAMED_BY[kind]) for kind in kinds)
            raise SettingsError(f"{told_of}: a run reads one of them")
    raise SettingsError(f"say what is read: {choices([*HINTS.values()])}")


def _refuse_others(kind: SourceKind, flags: Mapping[str, Any]) -> None:
    """Refuse flags for the source that is not read: they would have no effect."""
    own = SOURCES[kind].__struct_fields__
    for other, settings in SOURCES.items():
        for name in settings.__struct_fields__:
            if name not in own and flags.get(name):
                raise SettingsError(f"{flag_of(name)} is for {other}, but {kind} is read")


def _refuse_without_worker(plan: Plan, flags: Mapping[str, Any]) -> None:
    """Refuse flags for the worker if the function is elsewhere: they would have no effect."""
    function = plan.given.get("function")
    if plan.load is not None and (function is None or not function.value):
        return
    for name in OF_THE_WORKER:
        if flags.get(name) is not None:
            raise SettingsError(
                f"{flag_of(name)} is for a worker in this process, but the function is elsewhere:"
                f" set {variable(name)} there"
            )
