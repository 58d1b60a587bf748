"""A sink from its URL. Each kind and its client library are imported only when a URL asks."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from headrace.errors import SettingsError
from headrace.extras import missing
from headrace.sinks.base import Sink

if TYPE_CHECKING:
    from headrace.sinks.url import SinkUrl

KINDS = ("kafka", "kinesis", "sqs", "sns", "s3", "postgres", "sqlite", "file", "stdout")


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
    if parsed.scheme not in KINDS:
        raise SettingsError(
            f"sink {parsed}: unknown scheme {parsed.scheme!r}, choose from {', '.join(KINDS)}"
        )
    try:
        module = import_module(f"headrace.sinks.{parsed.scheme}")
    except ModuleNotFoundError as error:
        problem = missing(error)
        if problem is None:
            raise
        raise SettingsError(f"sink {parsed}: {problem}") from None
    return cast("Sink", module.open_url(parsed))
