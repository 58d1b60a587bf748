"""Sinks by URL, for results (`HEADRACE_SINK_URL`) and dead letters (`HEADRACE_DEAD_LETTER_URL`)."""

from headrace.sinks.base import Message, Sink
from headrace.sinks.open import open_sink

__all__ = ["Message", "Sink", "open_sink"]
