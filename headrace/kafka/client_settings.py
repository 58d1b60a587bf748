"""Settings of librdkafka that no URL may hold: those that redirect a client or load code."""

from collections.abc import Iterable

_HOSTS = "the URL's hosts say where to connect"
_CODE = "it would load or run code"
_REFUSED = {
    "bootstrap.servers": _HOSTS,
    "metadata.broker.list": _HOSTS,
    "plugin.library.paths": _CODE,
    "sasl.kerberos.kinit.cmd": _CODE,
    "ssl.engine.id": _CODE,
    "ssl.engine.location": _CODE,
    "ssl.providers": _CODE,
}


def unsafe(names: Iterable[str]) -> str | None:
    """Return what is wrong with the names of a URL's parameters, or nothing."""
    for name in sorted(_REFUSED.keys() & set(names)):
        return f"{name} cannot be set: {_REFUSED[name]}"
    return None
