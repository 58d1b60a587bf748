"""An AsyncAPI 3 document of a worker on a Kafka topic: what it reads, and what it writes."""

import inspect
from typing import Any

import msgspec

from headrace import json_text
from headrace.errors import SettingsError
from headrace.input.declared import worker_input
from headrace.sinks.url import SinkUrl
from headrace.whole_file import content
from headrace.worker import Worker, WorkerSettings

_AVRO = "application/vnd.apache.avro+json;version=1.9.0"
_REF = "#/components/schemas/{}"


class Place(msgspec.Struct, frozen=True):
    """Where a worker reads.

    Attributes:
        topic: its name; None: it is decided elsewhere.
        brokers: as HOST:PORT,HOST:PORT; None: they are decided elsewhere.
        is_secure: whether connections are protected by TLS.
        version: of the document.
    """

    topic: str | None = None
    brokers: str | None = None
    is_secure: bool = False
    version: str = "1"


def document(kind: type[Worker], settings: WorkerSettings, place: Place) -> dict[str, Any]:
    """Return the document.

    Args:
        kind: the worker's class.
        settings: of the worker: how values are framed, where results and dead letters go.
        place: where it reads.

    Raises:
        SettingsError: a setting is wrong.
    """
    name = kind.__name__
    about = inspect.cleandoc(vars(kind).get("__doc__") or "").partition("\n")[0]
    schemas: dict[str, Any] = {}
    channels = {"input": _channel(place.topic, "input")}
    operations = {"process": _operation("receive", "input", "input")}
    messages: dict[str, Any] = {"input": _message(kind, settings, schemas)}
    for channel, url, title in (
        ("results", settings.sink_url, "What process returns."),
        ("deadLetters", settings.dead_letter_url, "A rejected record, with the reason."),
    ):
        topic = _topic(url)
        if topic is not None:
            channels[channel] = _channel(topic, channel)
            operations[channel] = _operation("send", channel, channel)
            messages[channel] = {"title": title, "contentType": "application/json"}
    components = {"messages": messages} | ({"schemas": schemas} if schemas else {})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": name, "version": place.version} | _described(about),
        **_servers(place, settings),
        "channels": channels,
        "operations": operations,
        "components": components,
    }


def _message(
    kind: type[Worker], settings: WorkerSettings, schemas: dict[str, Any]
) -> dict[str, Any]:
    declared = worker_input(kind, Worker)
    message: dict[str, Any] = {"contentType": "application/json"}
    if declared is not None:
        schema = declared.schema(_REF)
        schemas |= schema.pop("$defs", {})
        message["payload"] = schema
    frame = settings.value_frame
    if frame is None:
        return message
    if settings.value_schema is not None:
        message["payload"] = {"schemaFormat": _AVRO, "schema": _avro(settings.value_schema)}
    message["contentType"] = "application/octet-stream"
    binding: dict[str, Any] = {"bindingVersion": "0.5.0"}
    if frame != "lambda-source":
        binding["schemaIdLocation"] = "header" if frame == "confluent-header" else "payload"
        binding["schemaIdPayloadEncoding"] = "aws-glue" if frame == "glue" else "confluent"
    message["bindings"] = {"kafka": binding}
    return message


def _servers(place: Place, settings: WorkerSettings) -> dict[str, Any]:
    if place.brokers is None:
        return {}
    protocol = "kafka-secure" if place.is_secure else "kafka"
    registry = {
        "schemaRegistryUrl": settings.schema_registry_url,
        "schemaRegistryVendor": "aws-glue" if settings.value_frame == "glue" else "confluent",
        "bindingVersion": "0.5.0",
    }
    is_http = (settings.schema_registry_url or "").startswith("http")
    bindings = {"bindings": {"kafka": registry}} if is_http else {}
    return {
        "servers": {
            f"broker{number}": {"host": host.strip(), "protocol": protocol, **bindings}
            for number, host in enumerate(place.brokers.split(","), 1)
        }
    }


def _channel(topic: str | None, message: str) -> dict[str, Any]:
    return {
        "address": topic,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _operation(action: str, channel: str, message: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{message}"}],
    }


def _topic(url: str | None) -> str | None:
    """Return the topic that a sink writes to, if it is one of Kafka."""
    parsed = None if url is None else SinkUrl.parse(url)
    return parsed.path.strip("/") if parsed is not None and parsed.scheme == "kafka" else None


def _described(about: str) -> dict[str, str]:
    return {"description": about} if about else {}


def _avro(file: str) -> Any:
    try:
        return json_text.decode(content(file))
    except OSError as error:
        raise SettingsError(f"HEADRACE_VALUE_SCHEMA={file}: {error.strerror}") from None
    except json_text.JsonError as error:
        raise SettingsError(f"HEADRACE_VALUE_SCHEMA={file}: {error}") from None
