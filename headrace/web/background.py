"""A server on its own thread and event loop, for programs that have no loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from headrace.web.server import Server


@contextmanager
def in_background(server: Server, drain_seconds: float) -> Iterator[None]:
    """Serve within the context. The thread keeps no process alive.

    Args:
        server: What is started, and drained at the end.
        drain_seconds: How long running requests may take then.
    """
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server.start()
        await stop.wait()
        await server.drain(drain_seconds)

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
