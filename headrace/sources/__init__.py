"""Event sources, one file each. The first one that recognises an event takes it."""

from typing import Any

from headrace.sources.base import Source
from headrace.sources.direct import Direct
from headrace.sources.http import Http
from headrace.sources.kafka import Kafka
from headrace.sources.kinesis import Kinesis

__all__ = ["SOURCES", "Source", "pick"]

SOURCES: tuple[Source, ...] = (Kafka(), Kinesis(), Http(), Direct())


def pick(event: Any) -> Source:
    """The source of this event, by its shape. Direct invocation takes what is left."""
    return next(source for source in SOURCES if source.matches(event))
