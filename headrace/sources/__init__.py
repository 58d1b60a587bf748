"""Event sources, one file each: an event becomes records, outcomes become a response.

`headrace.sources.shapes` tells whose event it is. A source is imported when its first event comes,
so a cold start pays for its own source alone.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from headrace.sources.base import Source
from headrace.sources.shapes import source_of

__all__ = ["NAMES", "Source", "open_source", "pick"]

_CLASSES = {
    "kafka": "kafka.Kafka",
    "kinesis": "kinesis.Kinesis",
    "dynamodb": "dynamodb.DynamoDb",
    "sqs": "sqs.Sqs",
    "sns": "sns.Sns",
    "s3": "s3.S3",
    "eventbridge": "eventbridge.EventBridge",
    "pipes": "pipes.Pipes",
    "pipes-kafka": "pipes.PipesOfKafka",
    "firehose": "firehose.Firehose",
    "mq": "mq.Mq",
    "documentdb": "documentdb.DocumentDb",
    "cloudwatch-logs": "cloudwatch_logs.CloudWatchLogs",
    "http": "http.Http",
    "http-v1": "http.Http",
    "alb": "http.Http",
    "alb-multi-value": "http.Http",
    "direct": "direct.Direct",
}
NAMES = tuple(_CLASSES)
"""The names of all sources, with one for each form that events of a source may have."""

_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "http-v1": {"form": "v1"},
    "alb": {"form": "alb"},
    "alb-multi-value": {"form": "alb-multi-value"},
}


def pick(event: Any, *, unpack: bool = True) -> Source:
    """Return the source of this event.

    Args:
        event: of any source.
        unpack: whether records that the Kinesis Producer Library packed are taken apart.

    Raises:
        MalformedEvent: no source takes events of this service.
    """
    return open_source(source_of(event), unpack=unpack)


@cache
def open_source(name: str, *, unpack: bool = True) -> Source:
    """Return the source of this name. `unpack` is as for `pick`."""
    module, _, class_name = _CLASSES[name].partition(".")
    kind = getattr(import_module(f"{__name__}.{module}"), class_name)
    options = {"unpack": unpack} if name in {"kinesis", "pipes"} else _OPTIONS.get(name, {})
    source: Source = kind(**options)
    return source
