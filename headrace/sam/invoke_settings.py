"""What the runner is told by an EventInvokeConfig, in the ranges of the service."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from headrace.errors import SettingsError
from headrace.plan.given import Given
from headrace.plan.unknown import Unknown, find_unknown
from headrace.sam.checks import as_struct
from headrace.sam.destination import sink_url, sink_url_by_name
from headrace.sam.functions import StreamEvent
from headrace.sam.resolver import Resolver
from headrace.settings import choices

SETTINGS = {
    "maximum_retry_attempts": "MaximumRetryAttempts",
    "maximum_event_age_in_seconds": "MaximumEventAgeInSeconds",
    "on_success_url": "DestinationConfig",
    "on_failure_url": "DestinationConfig",
}
"""Which property gives which setting."""

_DESTINATIONS = {"on_success_url": "OnSuccess", "on_failure_url": "OnFailure"}
_TYPES = ("SQS", "SNS", "S3", "Lambda", "EventBridge")
_MADE_BY_SAM = ("SQS", "SNS")
# Destinations of AWS that no sink writes to, by the service in an ARN.
_NO_SINKS = (["lambda"], ["events"])


class _Config(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    maximum_retry_attempts: Annotated[int, Meta(ge=0, le=2)] | UnsetType = UNSET
    maximum_event_age_in_seconds: Annotated[int, Meta(ge=60, le=21_600)] | UnsetType = UNSET
    destination_config: Any = UNSET


class _Destinations(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    on_success: Any = UNSET
    on_failure: Any = UNSET


class _Destination(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    destination: str | UnsetType = UNSET
    type: str | UnsetType = UNSET


def read_invoke_config(event: StreamEvent, resolver: Resolver) -> dict[str, Given]:
    """Return the settings that an EventInvokeConfig gives.

    Raises:
        SettingsError: a property is unknown or wrong; names its place and its value.
    """
    written = resolver.resolve(event.properties, event.place)
    if isinstance(written, Unknown):
        return {name: Given(written, event.place) for name in SETTINGS}
    config = _object(written, event.place)
    if event.is_mapping:
        config = {n: v for n, v in config.items() if n not in ("FunctionName", "Qualifier")}
    unknown = {name: value for name, value in config.items() if isinstance(value, Unknown)}
    known = {name: value for name, value in config.items() if name not in unknown}
    properties = as_struct(known, _Config, event.place)
    told = {
        name: unknown.get(of, getattr(properties, name, UNSET)) for name, of in SETTINGS.items()
    }
    given = {
        name: Given(value, f"{event.place}.{SETTINGS[name]}")
        for name, value in told.items()
        if value is not UNSET
    }
    if properties.destination_config is not UNSET:
        given |= _destinations(properties.destination_config, event, resolver)
    return given


def _destinations(config: Any, event: StreamEvent, resolver: Resolver) -> dict[str, Given]:
    place = f"{event.place}.DestinationConfig"
    told = as_struct(_object(config, place), _Destinations, place)
    both = {"on_success_url": told.on_success, "on_failure_url": told.on_failure}
    found = {}
    for setting, written in both.items():
        inner = f"{place}.{_DESTINATIONS[setting]}"
        if written is not UNSET:
            found[setting] = Given(_sink(written, inner, event, resolver), inner)
    return found


def _sink(written: Any, place: str, event: StreamEvent, resolver: Resolver) -> str | Unknown:
    """Return the URL of a destination's sink; Unknown if it has none that is known here."""
    unknown = find_unknown(written)
    if unknown is not None:
        return sink_url_by_name(unknown, resolver) or unknown
    told = as_struct(_object(written, place), _Destination, place)
    if told.type is not UNSET and told.type not in _TYPES:
        raise SettingsError(f"{place}.Type: choose {choices(_TYPES)}, not {told.type!r}")
    if told.destination is UNSET:
        if event.is_mapping or told.type not in _MADE_BY_SAM:
            raise SettingsError(f"{place}: Destination is missing")
        return Unknown(f"the {told.type} destination that SAM makes")
    if told.destination.split(":")[2:3] in _NO_SINKS:
        return Unknown(told.destination, why="is no place that the runner writes to")
    if told.destination.startswith("kafka:"):
        raise SettingsError(f"{place}.Destination: kafka is for mappings, got {told.destination!r}")
    return sink_url(told.destination, f"{place}.Destination")


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{place}: expected an object, got {value!r}")
    return value
