"""Sinks by URL, for results (`SINK_URL`) and dead letters (`DEAD_LETTER_URL`)."""

from workers.sinks.base import Message, Sink
from workers.sinks.open import open_sink

__all__ = ["Message", "Sink", "open_sink"]
