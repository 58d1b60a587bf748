"""How batches reach the function, and what its answers may be taken to say."""

from typing import Any

import msgspec

from headrace.runner.delivery.deliver import Cuts
from headrace.runner.function.open import open_invoker, record_handler
from headrace.runner.function.types import BuildEvent, Invoke
from headrace.runner.poller import Poller
from headrace.runner.settings import MappingSettings, SourceKind


class Way(msgspec.Struct, frozen=True):
    """A way to a function.

    Attributes:
        invoke: takes a batch there.
        poller: brings the records.
        isolates: the function's answer is about single records, so that one that fails holds back
            its own key alone. Otherwise AWS's rule holds: nothing goes past a batch that failed.
        bisects: what failed as a whole is split.
        cuts: where batches must be cut; None: nowhere.
    """

    invoke: Invoke
    poller: Poller
    isolates: bool
    bisects: bool
    cuts: Cuts | None = None


def open_way(
    handler: Any | None,
    poller: Poller,
    build: BuildEvent,
    settings: MappingSettings,
    source: SourceKind,
) -> Way:
    """Open the way that the settings name. If its invoker has a `close`, it is to be called.

    Args:
        handler: a handler of ours, if the function is not elsewhere.
        poller: of the source.
        build: makes the event of a batch.
        settings: of the mapping.
        source: what is read.

    Raises:
        SettingsError: There is no function, or its address is wrong; or the worker needs windows.
        Exception: Whatever kept the worker from being set up.
    """
    bisects = settings.bisect_batch_on_function_error
    if not settings.tumbling_window_in_seconds:
        # A worker answers for each record. If its process is killed, all of the batch failed; but
        # then it is the runner's own business to find the record that is to blame.
        takes_records = record_handler(handler, settings) is not None
        answers_for_each = takes_records or settings.report_batch_item_failures
        return Way(
            open_invoker(handler, build, settings),
            poller,
            isolates=answers_for_each and settings.order == "key",
            bisects=takes_records or bisects,
        )
    from headrace.runner.windows.open import open_windows  # noqa: PLC0415 - seldom asked for

    # The state of a window goes from one invocation to the next, so nothing may go past a failure.
    windows, under_windows = open_windows(handler, poller, build, settings, source)
    return Way(windows, under_windows, isolates=False, bisects=bisects, cuts=windows.starts)
