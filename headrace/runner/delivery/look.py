"""Whether there is a place for what is given up: asked at the start, not found out with the first.

Only a service that says that there is none ends the run. One that does not answer, or refuses the
question, may take what is written all the same.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from headrace.handler import Handler
from headrace.runner.circle import given_up
from headrace.runner.presence import SourceAbsent
from headrace.runner.settings import MappingSettings
from headrace.settings import variable
from headrace.sinks.open import absent
from headrace.sinks.url import SinkUrl


def look_for_places(
    handler: Any | None,
    settings: MappingSettings,
    connection: Mapping[str, str],
    on_success_url: str | None = None,
) -> Callable[[], bool]:
    """Return a look for all places (see `headrace.runner.presence`).

    Args:
        handler: the function, if it is in this process.
        settings: of the mapping.
        connection: how the source is reached, by variable: a topic without hosts is there, too.
        on_success_url: where else something is written that is seldom there.
    """
    places = given_up(settings) | {"on_success_url": on_success_url}
    if isinstance(handler, Handler):
        places["dead_letter_url"] = handler.settings.dead_letter_url or places["dead_letter_url"]
    variables = {**os.environ, **connection}

    def look() -> bool:
        for name, url in places.items():
            missing = absent(SinkUrl.parse(url, variables)) if url else None
            if missing is not None:
                raise SourceAbsent(f"{variable(name)}: {missing}")
        return True

    return look
