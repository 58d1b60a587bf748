"""What is written where it is read: given up, it would come again for ever."""

from collections.abc import Mapping
from typing import Any

from headrace.errors import SettingsError
from headrace.handler import Handler
from headrace.log import Log
from headrace.runner.settings import MappingSettings
from headrace.settings import variable
from headrace.sinks.url import SinkUrl


def given_up(settings: MappingSettings) -> dict[str, str | None]:
    """Return where what is given up goes, by setting."""
    return {name: getattr(settings, name) for name in ("on_failure_url", "dead_letter_url")}


def refuse_a_circle(
    places: Mapping[str, str | None], source: str, connection: Mapping[str, str], what: str
) -> None:
    """Refuse a place for what is given up that is the one that is read.

    Args:
        places: URLs of sinks, by setting; None: there is none.
        source: the URL of a sink that writes what is read.
        connection: how it is reached, by variable.
        what: is read, in words.

    Raises:
        SettingsError: one is.
    """
    own = SinkUrl.parse(source, connection)
    for name, url in places.items():
        if url and SinkUrl.parse(url, connection).is_same(own):
            raise SettingsError(
                f"{variable(name)} is the {what}: what is written there would come again"
            )


def warn_of_a_circle(
    handler: Any, source: str | None, connection: Mapping[str, str], log: Log
) -> None:
    """Say so if results go where records are read: each of them is a record, too.

    Args:
        handler: the function, if it is in this process.
        source: the URL of a sink that writes what is read; None: there is none.
        connection: how it is reached, by variable.
        log: takes the line.
    """
    url = handler.settings.sink_url if isinstance(handler, Handler) else None
    if url and source and SinkUrl.parse(url, connection).is_same(SinkUrl.parse(source, connection)):
        log.warning(
            "results go to where records are read: each one is processed, too",
            setting="HEADRACE_SINK_URL",
        )
