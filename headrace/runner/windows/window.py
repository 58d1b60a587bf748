"""The tumbling window of one shard: plain state, guarded by its own lock."""

import threading
from collections.abc import Mapping
from typing import Any

from headrace.record import ShardPosition


class Window:
    """The window of one shard.

    Attributes:
        lock: held during an invocation.
        start: milliseconds since the epoch; None: none is open.
        state: as the function returned it last.
        last: the last position whose record went into the state.
        safe: the last position before the open window, or before its state was dropped early.
        is_full: the state is over its limit: drop it before anything else.
        closing: a thread is at its final invocation.
        retry_at: when the next one may try, on `time.monotonic()`.
        about: shard and stream, as its events name them.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.start: int | None = None
        self.state: dict[str, Any] = {}
        self.last: ShardPosition | None = None
        self.safe: ShardPosition | None = None
        self.is_full = False
        self.closing = False
        self.retry_at = 0.0
        self.about: Mapping[str, str] = {}
