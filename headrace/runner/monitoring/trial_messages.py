"""Messages that somebody writes by hand to the source of a run, to see what becomes of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cache

from headrace.sinks import Message, Sink, open_sink

Write = Callable[[str, str | None], Awaitable[None]]
"""Writes a value and its key, and returns once they are acknowledged. Raises HeadraceError."""


def writer_to(url: str, variables: Mapping[str, str] | None = None) -> Write:
    """Return what writes to a sink; it is opened with the first message.

    Args:
        url: of the sink.
        variables: where it finds what the URL leaves open; None: the environment.
    """

    @cache
    def sink() -> Sink:
        return open_sink(url, variables)

    def write(value: str, key: str | None) -> None:
        message = Message(None if key is None else key.encode(), value.encode())
        (failure,) = sink().send([message])
        if failure is not None:
            raise failure

    async def in_a_thread(value: str, key: str | None) -> None:
        await asyncio.to_thread(write, value, key)

    return in_a_thread
