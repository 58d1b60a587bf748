"""What a runner's port shows to people, if the settings ask for it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings

if TYPE_CHECKING:
    from headrace.web.route import Route


def pages_of(
    name: str,
    title: str,
    settings: MappingSettings,
    stats: Stats,
    sink_url: str | None,
    variables: Mapping[str, str] | None = None,
) -> Mapping[str, "Route"]:
    """Return what is served beside health and metrics, by its path.

    Args:
        name: of what is read.
        title: what people call its kind.
        settings: say whether there is a page, and whether it may write.
        stats: what it shows.
        sink_url: where a message is written that is to be read here; None: nowhere.
        variables: where the sink finds what that URL leaves open; None: the environment.
    """
    if not settings.http_page:
        return {}
    # Only for who asked for a page.
    from headrace.runner.monitoring.stream_page import stream_routes  # noqa: PLC0415
    from headrace.runner.monitoring.trial_messages import writer_to  # noqa: PLC0415

    write = None
    if settings.http_produce and sink_url is not None:
        write = writer_to(sink_url, variables)
    return stream_routes(name, title, stats, write)
