"""The Lambda entry point of a worker of tumbling windows."""

from typing import Any

import msgspec
from msgspec import structs

from headrace import json_text
from headrace.definition import check_result
from headrace.errors import MalformedEvent
from headrace.handler import Handler
from headrace.invocation import deadline_of
from headrace.names import stream_name, table_of
from headrace.processing.outcomes import Outcomes
from headrace.record import MessagePosition, Record
from headrace.sources.base import parse, utf8
from headrace.stream_response import respond
from headrace.window import Fold, State, Window
from headrace.worker import WorkerSettings


class _Times(msgspec.Struct):
    start: str
    end: str


class _Event(msgspec.Struct, rename="camel"):
    window: _Times
    state: State
    shard_id: str
    stream: str = msgspec.field(name="eventSourceARN")
    is_final: bool = msgspec.field(name="isFinalInvokeForWindow")
    is_early: bool = msgspec.field(name="isWindowTerminatedEarly", default=False)
    records: list[Any] = msgspec.field(name="Records", default_factory=list)

    def as_window(self) -> Window:
        return Window(self.window.start, self.window.end, self.shard_id, self.stream, self.is_early)


class WindowHandler(Handler):
    """Takes the events of a window, and answers with its state."""

    @property
    def settings(self) -> WorkerSettings:
        """As of any worker, but for the records of a window, which are added one by one."""
        return structs.replace(super().settings, worker_concurrency=1)

    def __call__(self, event: Any, context: Any = None) -> dict[str, Any]:
        """Handle one event.

        Raises:
            MalformedEvent: it is none of a tumbling window.
            BatchFailed: records failed, and the mapping takes no partial response.
            Exception: what came of the window could not be said, or not be written.
        """
        if not isinstance(event, dict) or "isFinalInvokeForWindow" not in event:
            name = self.worker_class.__name__
            raise MalformedEvent(f"{name} is for tumbling windows: set TumblingWindowInSeconds")
        told = parse(event, _Event, "tumbling window")
        answer: dict[str, Any] = {}
        state = told.state
        if told.records:
            source = self._source({"Records": told.records})
            fold = Fold(self._window_worker().add, told.state)
            with fold.on_this_thread():
                outcomes = self.run(source.records(event), deadline_of(context), to_sink=False)
            answer = respond(source, outcomes, self.host())
            state = fold.state(outcomes)
        if told.is_final and not answer.get("batchItemFailures"):
            self._finish(state, told.as_window())
        return {**answer, "state": state}

    def _finish(self, state: State, window: Window) -> None:
        result = self.host().context.run(self._window_worker().finish, state, window)
        check_result(result, "finish")
        part = f":{_digest(state)}" if window.is_early else ""  # others of the window follow
        name = MessagePosition(_name(window.stream), f"{window.shard}@{window.start}{part}")
        outcomes = Outcomes([Record("window", name, None, utf8(window.shard))])
        outcomes.keep(0, result)
        self.host().deliver(outcomes)
        for error in outcomes.failures.values():
            raise error

    def _window_worker(self) -> Any:
        return self.worker()


def _name(arn: str) -> str:
    return table_of(arn) if ":dynamodb:" in arn else stream_name(arn)


def _digest(state: State) -> str:
    from hashlib import sha256  # noqa: PLC0415 - for a window that is too large

    return sha256(json_text.encode(state)).hexdigest()[:16]
