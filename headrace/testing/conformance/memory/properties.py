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
}
# As on AWS, and with no waits that AWS does not have.
_SETTINGS = {"invoke": "event", "order": "partition", "log_level": "CRITICAL"}


def read_properties(requirement: Requirement, kind: SourceKind) -> dict[str, Any]:
    """Return the settings by name, those of the source among them.

    Raises:
        SettingsError: the runner refuses the mapping.
    """
    properties = {**_PROPERTIES[kind], **{k: _at(v) for k, v in requirement.mapping.items()}}
    if properties.get("DestinationConfig") == "yes":
        properties["DestinationConfig"] = {"OnFailure": {"Destination": _FAILURES}}
    event = StreamEvent("Orders", kind, "Orders", properties)
    given, _ = read_event(event, Resolver({"Resources": {}}, Parameters(None, {}), FUNCTIONS))
    return _SETTINGS | {name: told.value for name, told in given.items()}


def mapping_settings(settings: dict[str, Any], **more: Any) -> MappingSettings:
    """Return those of the mapping. Raises SettingsError if they contradict each other."""
    fields = MappingSettings.__struct_fields__
    own = {name: value for name, value in settings.items() if name in fields}
    chosen = MappingSettings(**own | more)
    chosen.check()
    return chosen


def _at(value: Any) -> Any:
    return STARTED_AT - value["ago"] if isinstance(value, dict) and "ago" in value else value
