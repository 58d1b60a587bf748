"""The properties of a requirement's mapping as settings of ours: read as those of a template."""

from typing import Any

from headrace.runner.settings import MappingSettings, SourceKind
from headrace.sam.event_settings import read_event
from headrace.sam.functions import StreamEvent
from headrace.sam.intrinsics import FUNCTIONS
from headrace.sam.parameters import Parameters
from headrace.sam.resolver import Resolver
from headrace.testing.clock import STARTED_AT
from headrace.testing.conformance.requirement import Requirement

_FAILURES = "arn:aws:sqs:eu-west-1:000000000000:failures"
_PROPERTIES: dict[SourceKind, dict[str, Any]] = {
    "kafka": {
        "Topics": ["orders"],
        "KafkaBootstrapServers": ["localhost:9092"],
        "StartingPosition": "TRIM_HORIZON",
        "ProvisionedPollerConfig": {"MinimumPollers": 1},
    },
    "kinesis": {
        "Stream": "arn:aws:kinesis:eu-west-1:000000000000:stream/orders",
        "StartingPosition": "TRIM_HORIZON",
    },
    "dynamodb": {
        "Stream": "arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/2023-11-14",
        "StartingPosition": "TRIM_HORIZON",
    },
}
_QUEUE = "arn:aws:sqs:eu-west-1:000000000000:orders"
_SETTINGS = {"invoke": "event", "log_level": "CRITICAL"}
# As on AWS; and the queue says how long what failed stays hidden, so do not add to that.
_OF_STREAMS = {"order": "partition"}
_OF_QUEUES = {"retry_backoff_seconds": 0.001, "retry_backoff_max_seconds": 0.01}


def read_properties(
    requirement: Requirement, kind: SourceKind, started_at: float = STARTED_AT
) -> dict[str, Any]:
    """Return the settings by name, those of the source among them.

    Args:
        requirement: whose mapping.
        kind: which source it reads.
        started_at: when the mapping begins, in seconds since the epoch.

    Raises:
        SettingsError: the runner refuses the mapping.
    """
    own = _PROPERTIES.get(kind) or {"Queue": _QUEUE + ".fifo" * (requirement.source == "fifo")}
    asked = {name: _at(value, started_at) for name, value in requirement.mapping.items()}
    properties = {**own, **asked}
    if properties.get("DestinationConfig") == "yes":
        properties["DestinationConfig"] = {"OnFailure": {"Destination": _FAILURES}}
    event = StreamEvent("Orders", kind, "Orders", properties)
    given, _ = read_event(event, Resolver({"Resources": {}}, Parameters(None, {}), FUNCTIONS))
    more = _OF_QUEUES if kind == "sqs" else _OF_STREAMS
    return _SETTINGS | more | {name: told.value for name, told in given.items()}


def mapping_settings(settings: dict[str, Any], **more: Any) -> MappingSettings:
    """Return those of the mapping. Raises SettingsError if they contradict each other."""
    fields = MappingSettings.__struct_fields__
    own = {name: value for name, value in settings.items() if name in fields}
    chosen = MappingSettings(**own | more)
    chosen.check()
    return chosen


def _at(value: Any, started_at: float) -> Any:
    return started_at - value["ago"] if isinstance(value, dict) and "ago" in value else value
