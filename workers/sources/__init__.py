"""Event sources, one file each. The first one that recognises an event takes it."""

from typing import Any

from workers.sources.base import Source
from workers.sources.direct import Direct
from workers.sources.http import Http
from workers.sources.kafka import Kafka
from workers.sources.kinesis import Kinesis

__all__ = ["SOURCES", "Source", "pick"]

SOURCES: tuple[Source, ...] = (Kafka(), Kinesis(), Http(), Direct())


def pick(event: Any) -> Source:
    """The source of this event, by its shape. Direct invocation takes what is left."""
    return next(source for source in SOURCES if source.matches(event))
