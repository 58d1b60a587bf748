"""A worker that tells which records it is given, and that can be killed."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from headrace.definition import check_complete, is_async, overrides
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.function.open import open_invoker, record_handler
from headrace.runner.function.types import Invoke
from headrace.runner.protocol.events import event_of
from headrace.sinks.base import Message, Sink
from headrace.testing.given_settings import GivenSettings
from headrace.testing.opened import opened
from headrace.window_worker import WindowWorker
from headrace.worker import Worker


class Killed(BaseException):
    """The process died here. No handler of errors may go on after it."""


class Watch:
    """What a test sees of a worker, over all lives of its runner.

    Attributes:
        delivered: every record that the worker was given, in order, each time that it was.
        is_deadly: tells at which record the process dies next; None: at none.
        killed: the process that runs now is dead.
    """

    def __init__(self) -> None:
        self.delivered: list[Record] = []
        self.is_deadly: Callable[[Record], bool] | None = None
        self.killed = False

    def see(self, records: Sequence[Record]) -> None:
        """Note records just before the worker gets them. Raises Killed at a deadly one."""
        for record in records:
            if self.killed:
                raise Killed
            self.delivered.append(record)
            if self.is_deadly is not None and self.is_deadly(record):
                self.is_deadly, self.killed = None, True
                raise Killed


class Watched(NamedTuple):
    """What a batch is delivered to, and whether its answers are about single records."""

    invoke: Invoke
    isolates: bool


@contextmanager
def open_watched(
    function: Any, settings: GivenSettings, sink: Sink, letters: Sink | None, watch: Watch
) -> Iterator[Watched]:
    """Set up what a batch is delivered to, for one life of a runner.

    Args:
        function: a worker's class, or a function of an event and a context.
        settings: of the worker and of the mapping.
        sink: where results go.
        letters: where rejected records go; None: a rejected record is a failed one.
        watch: is told what the worker gets; any other function gets its batch as a whole.

    Raises:
        TypeError: the worker is for tumbling windows, which a topic does not have.
        WorkerError: the class is not complete.
    """
    if isinstance(function, type) and issubclass(function, WindowWorker):
        raise TypeError(f"{function.__name__} is for tumbling windows, which no topic has")
    watch.killed = False
    with ExitStack() as stack:
        handler, tell = function, watch.see
        if isinstance(function, type) and issubclass(function, Worker):
            check_complete(function, Worker)  # what watches it would hide what it lacks
            kind, tell = _watched(function, watch), _nothing
            sinks = _Mortal(sink, watch), letters and _Mortal(letters, watch)
            handler = stack.enter_context(opened(kind, settings.worker, *sinks))
        invoke = open_invoker(handler, event_of, settings.mapping)

        def watched(records: Sequence[Record]) -> Outcomes:
            tell(records)
            outcomes = invoke(records)
            if watch.killed:  # in a thread or a task that kept it to itself
                raise Killed
            return outcomes

        takes_records = record_handler(handler, settings.mapping) is not None
        yield Watched(watched, takes_records or settings.mapping.report_batch_item_failures)


class _Mortal:
    """A sink of a process that may be killed: from then on, it writes nothing."""

    def __init__(self, sink: Sink, watch: Watch) -> None:
        self._sink = sink
        self._watch = watch

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        if self._watch.killed:
            raise Killed
        return self._sink.send(messages)

    def close(self) -> None:
        self._sink.close()


def _nothing(records: Sequence[Record]) -> None:
    """Leave it to the worker to tell of each record."""


def _watched(kind: type[Worker], watch: Watch) -> type[Worker]:
    """Make a class that does all that `kind` does; a worker that was killed is not closed."""
    methods: dict[str, Any] = {}
    if overrides(kind, Worker, "process_batch"):
        methods["process_batch"] = _telling(kind.process_batch, watch.see)
    else:
        methods["process"] = _telling(kind.process, lambda record: watch.see([record]))
    if overrides(kind, Worker, "close"):
        methods["close"] = _unless_killed(kind.close, watch)
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, **methods})


def _telling(method: Callable[..., Any], tell: Callable[[Any], None]) -> Callable[..., Any]:
    if is_async(method):

        @functools.wraps(method)
        async def later(self: Worker, given: Any) -> Any:
            tell(given)
            return await method(self, given)

        return later

    @functools.wraps(method)
    def now(self: Worker, given: Any) -> Any:
        tell(given)
        return method(self, given)

    return now


def _unless_killed(method: Callable[..., Any], watch: Watch) -> Callable[..., Any]:
    if is_async(method):

        @functools.wraps(method)
        async def later(self: Worker) -> None:
            if not watch.killed:
                await method(self)

        return later

    @functools.wraps(method)
    def now(self: Worker) -> None:
        if not watch.killed:
            method(self)

    return now
