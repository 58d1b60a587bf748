"""Event sources, one file each. The first one that recognises an event takes it."""

from typing import Any

from headrace.sources.base import Source
from headrace.sources.direct import Direct
from headrace.sources.http import Http
from headrace.sources.kafka import Kafka
from headrace.sources.kinesis import Kinesis

__all__ = ["SOURCES", "Source", "pick"]

SOURCES: tuple[Source, ...] = (Kafka(), Kinesis(), Http(), Direct())


_PACKED: tuple[Source, ...] = (Kafka(), Kinesis(unpack=False), Http(), Direct())


def pick(event: Any, *, unpack: bool = True) -> Source:
    """Return the source of this event, by its shape. Direct invocation takes what is left.

    Args:
        event: of any source.
        unpack: whether records that the Kinesis Producer Library packed are taken apart.
    """
    sources = SOURCES if unpack else _PACKED
    return next(source for source in sources if source.matches(event))
