"""A run's own handler: two runs of a program at a time share no worker, and no sink."""

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from headrace.handler import Handler
from headrace.runner.function.context import close

_lock = threading.Lock()
_in_runs: list[Handler] = []


@contextmanager
def own_handler(handler: Any) -> Iterator[Any]:
    """Give a run its handler, and close it in the end.

    If another run has it at the moment, this one gets another of the same worker: the first to end
    would close the worker of both, and results would go out with the positions of the other.
    """
    if not isinstance(handler, Handler):
        try:
            yield handler
        finally:
            close(handler)
        return
    with _lock:
        own = copy.copy(handler) if any(one is handler for one in _in_runs) else handler
        _in_runs.append(own)
    sink = own.sink
    try:
        yield own
    finally:
        try:
            own.close()
        finally:
            own.sink = sink
            with _lock:
                _in_runs[:] = [one for one in _in_runs if one is not own]
