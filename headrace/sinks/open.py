"""A sink from its URL. Each kind and its client library are imported only when a URL asks."""

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, cast

from msgspec import structs

from headrace.sinks.base import Sink
from headrace.sinks.kind import module_of_kind

if TYPE_CHECKING:
    from headrace.sinks.url import SinkUrl

KINDS = ("kafka", "kinesis", "sqs", "sns", "s3", "postgres", "sqlite", "file", "stdout")

# What is found out by its opening is not asked for.
_ASKED = frozenset({"kafka", "kinesis", "s3", "sns"})
_LOOK_SECONDS = "6"  # a service that does not answer says nothing


def open_sink(url: "str | SinkUrl", variables: Mapping[str, str] | None = None) -> Sink:
    """Open the sink that a URL names; the module of its kind says what the URL may hold.

    What is made of somebody else's names (a dead letter's topic) is given as its parts, never as
    text: a name may hold what is a parameter in a URL.

    Args:
        url: the URL.
        variables: where a sink finds what the URL leaves open, such as Kafka's brokers. None: the
            environment.

    Raises:
        SettingsError: the URL is wrong, its queue does not exist, or its client is not installed.
    """
    from headrace.sinks.url import SinkUrl  # noqa: PLC0415 - urllib, which most workers never need

    parsed = SinkUrl.parse(url, variables) if isinstance(url, str) else url
    return cast("Sink", _module(parsed).open_url(parsed))


def open_if_set(url: str | None, variables: Mapping[str, str] | None = None) -> Sink | None:
    """Open a sink as `open_sink` does, if there is a URL."""
    return open_sink(url, variables) if url else None


def check_sink(url: "SinkUrl") -> None:
    """See whether a sink could be opened, and leave nothing behind: no file, no folder, no table.

    A module whose `open_url` makes something has a `check_url`, too.

    Args:
        url: the URL.

    Raises:
        SettingsError: `open_sink` would raise this, too.
    """
    module = _module(url)
    if hasattr(module, "check_url"):
        module.check_url(url)
    else:
        module.open_url(url).close()


def absent(url: "SinkUrl") -> str | None:
    """Ask the service whether what a URL names is there.

    Args:
        url: the URL.

    Returns:
        In words, that there is none; None if it is there, or if nobody says.

    Raises:
        SettingsError: the URL is wrong.
    """
    if url.scheme not in _ASKED:
        return None
    told = {} if url.scheme == "kafka" else {"timeout": _LOOK_SECONDS}
    sink = _module(url).open_url(structs.replace(url, params={**url.params, **told}))
    try:
        return cast("str | None", sink.absent())
    finally:
        sink.close()


def _module(url: "SinkUrl") -> ModuleType:
    return module_of_kind(url.scheme, KINDS, "headrace.sinks", f"sink {url}")
