"""The addresses of brokers, checked before the client has them: it would connect elsewhere.

librdkafka reads a port as a C integer of 16 bits: 99999 is 34463 to it, and `x` is 0.
"""

import re

from headrace.host_port import host_port

_PROTOCOL = re.compile(r"\A(?:PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)://", re.IGNORECASE)


def wrong_brokers(addresses: str) -> str | None:
    """Return what is wrong with addresses such as `HOST:PORT,HOST:PORT`, or nothing."""
    parts = [part.strip() for part in addresses.split(",")]
    for part in filter(None, parts):
        if host_port(_PROTOCOL.sub("", part)) is None or not part.isprintable():
            return f"{part!r} is no address of a broker: write HOST:PORT"
    return None if any(parts) else "there is no address of a broker: write HOST:PORT"
