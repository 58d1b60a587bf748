"""How a function of a template is called asynchronously: its EventInvokeConfig.

A function of SAM has it as a property; an AWS::Lambda::EventInvokeConfig says the same of any
function, for one of its versions or aliases. A function without has AWS's defaults.
"""

from typing import Any

from headrace.sam.functions import (
    SERVERLESS,
    StreamEvent,
    StreamFunction,
    all_functions,
    existing,
    target_of,
)
from headrace.sam.resolver import Resolver

NAME = "EventInvokeConfig"


def asynchronous_functions(template: dict[str, Any], resolver: Resolver) -> list[StreamFunction]:
    """Return all functions, each with what it says of asynchronous calls. Raises SettingsError."""
    functions = all_functions(template, resolver)
    for name, function in functions.items():
        written = (function.properties or {}).get(NAME)
        if written is not None and resolver.type_of(name) == SERVERLESS:
            function.events.append(_config(NAME, f"{name}.{NAME}", written))
    for name, properties, unknown in existing(resolver, f"AWS::Lambda::{NAME}"):
        event = _config(name, name, properties, is_mapping=True, open=unknown)
        target = target_of(properties, functions, resolver, name)
        functions.setdefault(target, StreamFunction(name, None)).events.append(event)
    for name, function in functions.items():
        if not function.events:
            function.events.append(_config(NAME, f"{name}.{NAME}", {}))
    return list(functions.values())


def _config(name: str, place: str, properties: Any, **about: Any) -> StreamEvent:
    return StreamEvent(name, "sqs", place, properties, is_asynchronous=True, **about)
