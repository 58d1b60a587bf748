"""Bytes of one connection go on to another, both ways, until both have ended."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

CHUNK_BYTES = 64 * 1024
"""How much of a direction is in memory, about."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # how each of its connections begins: RFC 9113


async def read_beginning(reader: asyncio.StreamReader) -> bytes:
    """Read as much as shows which version of HTTP it is; what has ended before is none."""
    begun = b""
    while len(begun) < len(_HTTP_2) and _HTTP_2.startswith(begun):
        more = await reader.read(CHUNK_BYTES)
        if not more:
            return b""
        begun += more
    return begun


async def pass_on(
    beginning: bytes, outside: Streams, inside: Streams, took: Callable[[bytes], None]
) -> None:
    """Pass bytes on until the inner side has ended, and close both.

    Args:
        beginning: What the client has sent already.
        outside: The client's connection. If it ends, the inner one is told, and may still answer.
        inside: The server's.
        took: Is told of each part of an answer once the client has room for more.
    """
    inside[1].write(beginning)
    asked = asyncio.create_task(_copy(outside[0], inside[1]))
    try:
        with suppress(ConnectionError):
            await _copy(inside[0], outside[1], took)
    finally:
        asked.cancel()
        await asyncio.wait({asked})
        for _, writer in (inside, outside):
            writer.close()  # what is still to be written goes first
        with suppress(OSError):
            await outside[1].wait_closed()


async def _copy(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    passed: Callable[[bytes], None] = lambda _: None,
) -> None:
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
        passed(data)
    if writer.can_write_eof():
        writer.write_eof()
