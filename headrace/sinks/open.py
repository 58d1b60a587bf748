"""A sink from its URL. Each kind and its client library are imported only when a URL asks."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from headrace.errors import SettingsError
from headrace.extras import missing
from headrace.sinks.base import Sink

KINDS = ("kafka", "kinesis", "sqs", "sns", "s3", "file", "stdout")


def open_sink(url: str, variables: Mapping[str, str] | None = None) -> Sink:
    """Open the sink that a URL names; the module of its kind says what the URL may hold.

    Args:
        url: the URL.
        variables: where a sink finds what the URL leaves open, such as Kafka's brokers. None: the
            environment.

    Raises:
        SettingsError: the URL is wrong, its queue does not exist, or its client is not installed.
    """
    from headrace.sinks.url import SinkUrl  # noqa: PLC0415 - urllib, which most workers never need

    parsed = SinkUrl.parse(url, variables)
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
