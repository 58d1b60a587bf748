"""A network before a server: what is sent, either way, arrives a millisecond later.

Arguments: the port where it listens, the port of the server.
"""

import asyncio
import sys

DELAY_SECONDS = 0.001


async def main(port: int, server: int) -> None:
    """Pass connections on."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", server)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))

    async with await asyncio.start_server(connected, "127.0.0.1", port) as listening:
        await listening.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(64 * 1024):
        loop.call_later(DELAY_SECONDS, writer.write, data)
    loop.call_later(DELAY_SECONDS, writer.close)


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
