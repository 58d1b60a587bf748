"""Put a mapping under tumbling windows."""

from typing import Any, cast

from headrace.errors import SettingsError
from headrace.handler import Handler
from headrace.runner.function.open import open_call, record_handler
from headrace.runner.function.types import BuildEvent
from headrace.runner.poller import Poller
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.windows.poller import ShardPoller, WindowPoller
from headrace.runner.windows.windows import Windows
from headrace.window_handler import WindowHandler


def open_windows(
    handler: Any | None,
    poller: Poller,
    build: BuildEvent,
    settings: MappingSettings,
    source: SourceKind,
) -> tuple[Windows, WindowPoller]:
    """Return an invoker by windows, and the poller under these windows.

    Args:
        handler: a handler of ours, if the function is not elsewhere.
        poller: the stream's own.
        build: makes the event of a batch.
        settings: of the mapping.
        source: what is read.

    Raises:
        SettingsError: The source has no windows, or the function does not keep their state.
        Exception: Whatever kept the function from being set up.
    """
    settings.check_source(source)
    if not isinstance(handler, WindowHandler) and (
        isinstance(handler, Handler) or record_handler(handler, settings) is not None
    ):
        raise SettingsError(
            "HEADRACE_TUMBLING_WINDOW_IN_SECONDS needs a function of an event and a context that"
            " returns the state of its window, or a WindowWorker; other workers keep none"
        )
    seconds, partial = settings.tumbling_window_in_seconds, settings.report_batch_item_failures
    windows = Windows(seconds, open_call(handler, settings), build, partial=partial)
    return windows, WindowPoller(cast("ShardPoller", poller), windows)
