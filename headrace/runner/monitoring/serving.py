"""What a run shows over HTTP: probes and metrics, and a page for people if it is asked for."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from headrace.errors import SettingsError
from headrace.log import Log
from headrace.runner.monitoring import health
from headrace.runner.monitoring.watched import Watched
from headrace.runner.settings import MappingSettings

if TYPE_CHECKING:
    from headrace.web.route import Route


class Shown(msgspec.Struct, frozen=True):
    """What a run says of its source.

    Attributes:
        name: the mapping's.
        kind: what is read, as people call it.
        sink_url: where a message is written that is to be read here; None: nowhere.
        connection: where that sink finds what its URL leaves open, by variable.
    """

    name: str
    kind: str
    sink_url: str | None
    connection: dict[str, str]


def serve(
    shown: Shown, settings: MappingSettings, stats: Watched, status: health.Status, log: Log
) -> AbstractContextManager[int | None]:
    """Serve within the context what the settings ask for; see `health.serve`.

    Raises:
        SettingsError: the page is to write where nothing can be written, or the port is taken.
    """
    if settings.http_produce and shown.sink_url is None:
        raise SettingsError(f"HEADRACE_HTTP_PRODUCE: {shown.kind} takes no messages of ours")
    pages = partial(_pages, shown, settings, stats)
    return health.serve(settings.http_port, stats, status, log, name=shown.name, pages=pages)


def _pages(shown: Shown, settings: MappingSettings, stats: Watched) -> Mapping[str, "Route"]:
    if not settings.http_page:
        return {}
    from headrace.runner.monitoring.stream_page import stream_routes  # noqa: PLC0415 - seldom
    from headrace.runner.monitoring.trial_messages import writer_to  # noqa: PLC0415 - as above

    write = None
    if settings.http_produce and shown.sink_url is not None:
        write = writer_to(shown.sink_url, shown.connection or None)
    return stream_routes(shown.name, shown.kind, stats, write)
