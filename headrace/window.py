"""A tumbling window while records are added to it: its state, and how it is put together again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from headrace import json_text
from headrace.errors import NotDone, reject_of
from headrace.processing.outcomes import Outcomes
from headrace.record import Record, shard_position
from headrace.sources.base import as_json

State = dict[str, Any]
Add = Callable[[State, Record], State]


_open = threading.local()


class Window(msgspec.Struct, frozen=True):
    """A stretch of time of one shard. Times are ISO 8601 texts in UTC, as AWS writes them.

    Attributes:
        start: when it begins.
        end: when the next one begins.
        shard: the shard's id.
        stream: the stream's ARN.
        is_early: it ended before its time, since its state was too large.
    """

    start: str
    end: str
    shard: str
    stream: str
    is_early: bool = False


class Fold:
    """The state of one invocation.

    Whoever adds a record may change the state that it is given, and fail in the midst of that. Then
    the state is made again, of the records that were added before.

    Args:
        add: the worker's.
        state: as it came.

    Raises:
        MalformedEvent: the state has no form in JSON.
    """

    def __init__(self, add: Add, state: State) -> None:
        self._add = add
        self._state = state
        self._came = as_json(state, "tumbling window")
        self._kept, self._since = self._came, 0  # a later state, and how many it holds
        self._added: list[Record] = []
        self._is_broken = False

    @staticmethod
    def of_this_thread() -> "Fold | None":
        """Return the one to which this thread adds; None: to none."""
        return getattr(_open, "fold", None)

    @contextmanager
    def on_this_thread(self) -> Iterator[None]:
        """Have what this thread processes added here."""
        _open.fold = self
        try:
            yield
        finally:
            _open.fold = None

    def add(self, record: Record) -> None:
        """Add a record. Raises what the worker does; after a failure nothing more is added."""
        if self._is_broken:
            raise NotDone("an earlier record of the window is not done")
        try:
            self._state = _checked(self._add(self._state, record))
        except BaseException as error:
            if reject_of(error) is None:
                self._is_broken = True
            else:  # it is passed over
                self._state = self._again(self._kept, self._added[self._since :])
                self._kept, self._since = json_text.encode(self._state), len(self._added)
            raise
        self._added.append(record)

    def state(self, outcomes: Outcomes) -> State:
        """Return the state of all records before the first that is not done.

        The service knows no part of a record: if one fails that was packed with others, all of
        these come again.

        Raises:
            JsonError: the state has no form in JSON.
        """
        first = next(outcomes.not_done(), None)
        if first is None:
            json_text.encode(self._state)  # the service would not say which worker it was
            return self._state
        end = int(shard_position(first).sequence_number)
        before = [
            record for record in self._added if int(shard_position(record).sequence_number) < end
        ]
        return self._again(self._came, before)

    def _again(self, text: bytes, records: list[Record]) -> State:
        state: State = json_text.decode(text)
        for record in records:
            state = _checked(self._add(state, record))
        return state


def _checked(state: Any) -> State:
    if not isinstance(state, dict):
        raise TypeError(f"add returned {type(state).__name__}: return the state, a dict")
    return state
