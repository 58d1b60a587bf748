"""The functions of a template that have events of a stream or a queue."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown
from headrace.runner.settings import SourceKind
from headrace.sam.conditions import condition
from headrace.sam.globals import merged
from headrace.sam.resolver import Resolver

SERVERLESS = "AWS::Serverless::Function"
_FUNCTIONS = (SERVERLESS, "AWS::Lambda::Function")
_MAPPING = "AWS::Lambda::EventSourceMapping"
_EVENTS: dict[str, SourceKind] = {
    "MSK": "kafka",
    "SelfManagedKafka": "kafka",
    "Kinesis": "kinesis",
    "SQS": "sqs",
    "DynamoDB": "dynamodb",
}
_SOURCES: dict[str, SourceKind] = {
    "AWS::MSK::Cluster": "kafka",
    "AWS::MSK::ServerlessCluster": "kafka",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::Kinesis::StreamConsumer": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::Serverless::SimpleTable": "dynamodb",
    "AWS::SQS::Queue": "sqs",
}
# By the service in an ARN.
_SERVICES: dict[str, SourceKind] = {
    "kafka": "kafka",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "sqs": "sqs",
}


@dataclass(frozen=True)
class StreamEvent:
    """A stream event of a function, or a separate event source mapping.

    Attributes:
        name: its name in the template.
        kind: which source it is.
        place: where it stands in the template.
        properties: as written, functions unresolved.
        is_mapping: whether it is an AWS::Lambda::EventSourceMapping.
        is_asynchronous: whether it says how the function is called asynchronously.
        open: what its condition depends on, if that is not known here.
    """

    name: str
    kind: SourceKind
    place: str
    properties: dict[str, Any]
    is_mapping: bool = False
    is_asynchronous: bool = False
    open: Unknown | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class StreamFunction:
    """A function with stream events.

    Attributes:
        name: its logical name; the mapping's name if the template does not make the function.
        properties: as written, Globals merged in. None if the template does not make the function.
        events: its stream events.
        open: what its condition depends on, if that is not known here.
    """

    name: str
    properties: dict[str, Any] | None
    events: list[StreamEvent] = field(default_factory=list)
    open: Unknown | None = None

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(event.name for event in self.events)})"


def stream_functions(template: dict[str, Any], resolver: Resolver) -> list[StreamFunction]:
    """Return all functions that have stream events, in order. Raises SettingsError."""
    functions = all_functions(template, resolver)
    for name, function in functions.items():
        if resolver.type_of(name) == SERVERLESS:
            function.events.extend(_events(name, function.properties or {}, resolver))
    for name, properties, unknown in existing(resolver, _MAPPING):
        kind = _kind(properties, resolver, name)
        if kind is not None:
            event = StreamEvent(name, kind, name, properties, is_mapping=True, open=unknown)
            target = target_of(properties, functions, resolver, name)
            functions.setdefault(target, StreamFunction(name, None)).events.append(event)
    return [function for function in functions.values() if function.events]


def all_functions(template: dict[str, Any], resolver: Resolver) -> dict[str, StreamFunction]:
    """Return the functions of the template by their names, without events. Raises SettingsError."""
    shared = _plain_object(_plain_object(template.get("Globals")).get("Function"))
    functions = {}
    for name, properties, unknown in existing(resolver, *_FUNCTIONS):
        is_sam = resolver.type_of(name) == SERVERLESS
        whole = merged(shared, properties) if is_sam else properties
        functions[name] = StreamFunction(name, whole, [], unknown)
    return functions


def existing(
    resolver: Resolver, *types: str
) -> Iterator[tuple[str, dict[str, Any], Unknown | None]]:
    """Yield resources of these types that exist, or may: (name, properties, what decides it)."""
    for name, resource in resolver.resources.items():
        if resolver.type_of(name) not in types:
            continue
        wanted = resource.get("Condition")
        holds = True if wanted is None else condition(resolver, wanted, name)
        if holds is not False:
            properties = _plain_object(resource.get("Properties"))
            yield name, properties, holds if isinstance(holds, Unknown) else None


def _events(function: str, properties: dict[str, Any], resolver: Resolver) -> Iterator[StreamEvent]:
    whole = f"{function}.Events"
    for events, unknown in _branches(properties.get("Events"), resolver, whole):
        for name, written in _plain_object(events).items():
            place = f"{whole}.{name}"
            for event, other in _branches(written, resolver, place):
                kind = event.get("Type") if isinstance(event, dict) else None
                if isinstance(kind, str) and kind in _EVENTS:
                    told = _plain_object(event.get("Properties"))
                    either = unknown or other
                    yield StreamEvent(str(name), _EVENTS[kind], place, told, open=either)


def _branches(
    node: Any, resolver: Resolver, place: str, unknown: Unknown | None = None
) -> Iterator[tuple[Any, Unknown | None]]:
    """Yield what `!If` leaves of a node; each branch if its condition is not known here."""
    if not isinstance(node, dict) or node.keys() != {"Fn::If"}:
        yield node, unknown
        return
    argument = node["Fn::If"]
    if not isinstance(argument, list) or len(argument) != 3:
        raise SettingsError(f"{place}: !If takes [condition, value, value]")
    holds = condition(resolver, argument[0], place)
    for wanted, branch in zip((True, False), argument[1:], strict=True):
        if isinstance(holds, Unknown):
            yield from _branches(branch, resolver, place, holds)
        elif holds is wanted:
            yield from _branches(branch, resolver, place, unknown)


def _kind(mapping: dict[str, Any], resolver: Resolver, place: str) -> SourceKind | None:
    if "Topics" in mapping or "SelfManagedEventSource" in mapping:
        return "kafka"
    arn = resolver.resolve(mapping.get("EventSourceArn"), f"{place}.EventSourceArn")
    if isinstance(arn, Unknown):
        source = resolver.type_of(arn.resource)
        return _SOURCES.get(source) if source else _imported(mapping)
    return _SERVICES.get("".join(arn.split(":")[2:3])) if isinstance(arn, str) else None


def _imported(mapping: dict[str, Any]) -> SourceKind | None:
    """Return what an ARN is probably of that may be of anything: a queue has no position."""
    if "StartingPosition" in mapping:
        return "kinesis"
    return None if "Queues" in mapping else "sqs"  # those of Amazon MQ


def target_of(
    mapping: dict[str, Any], functions: dict[str, StreamFunction], resolver: Resolver, place: str
) -> str:
    """Return the name of the function that FunctionName means; `place` if it is not there."""
    wanted = resolver.resolve(mapping.get("FunctionName"), f"{place}.FunctionName")
    if isinstance(wanted, Unknown):
        return wanted.resource if wanted.resource in functions else place
    for name, function in functions.items():
        called = (function.properties or {}).get("FunctionName")
        if called is not None and resolver.resolve(called, f"{name}.FunctionName") == wanted:
            return name
    return place


def _plain_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
