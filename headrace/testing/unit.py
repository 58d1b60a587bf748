"""A worker in a unit test: one batch, or one event, and what becomes of it.

Nothing is read from the environment but what the worker reads itself, and nothing leaves the
process: results and dead letters are kept in memory, in the form in which they would travel.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from headrace import json_text
from headrace.dead_letters import letter, reading
from headrace.dead_letters.letter import DeadLetter
from headrace.errors import OutOfTime, Reject
from headrace.handler import Handler
from headrace.processing.outcomes import Outcomes
from headrace.record import Record, RequestPosition
from headrace.runner.function.context import LONGEST_SECONDS, Context, name_of
from headrace.sinks.base import Message
from headrace.testing.given_settings import worker_settings
from headrace.testing.memory_sink import MemorySink
from headrace.testing.opened import opened
from headrace.testing.records import kafka_records, several
from headrace.worker import Worker


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the records of one batch, each by its place in the batch, from 0.

    Attributes:
        records: the batch.
        results: what `process` returned for each record; None if nothing.
        rejects: the dead letters of the records that `process` rejected (`.error` says why).
        failures: why the other records are not done; their source would deliver them again. A
            record that was held back behind a failed one of its key has a NotDone; one that had all
            of the time, and was cancelled, an OutOfTime.
        messages: what went to the sink: key, value and headers of each result.
    """

    records: Sequence[Record]
    results: Sequence[Any]
    rejects: dict[int, DeadLetter]
    failures: dict[int, Exception]
    messages: Sequence[Message]


def run(
    worker: type[Worker] | Worker,
    records: Iterable[Any],
    *,
    timeout: float = float("inf"),
    **settings: Any,
) -> RunResult:
    """Have a worker process one batch.

    Args:
        worker: a class, which is made and set up for this batch and closed after it; or a worker
            that the test made and set up itself.
        records: records of any source (`kafka_record`, `http_record`), or plain values, which
            become records of a Kafka topic.
        timeout: seconds that the batch may take; what is left of it then is not begun.
        settings: the worker's settings by name, such as `worker_concurrency=4`.
    """
    given = list(several(records))
    batch = given if _are_requests(given) else kafka_records(given)
    results, letters = MemorySink(), MemorySink()
    with opened(worker, worker_settings(settings), results, letters) as host:
        outcomes = _answer_each(host, batch) if _are_requests(batch) else _run(host, batch, timeout)
    rejects = _rejects(outcomes, letters.messages)
    return RunResult(
        records=batch,
        results=outcomes.results,
        rejects=rejects,
        failures={n: e for n, e in sorted(outcomes.failures.items()) if n not in rejects},
        messages=results.messages,
    )


def invoke(function: Any, event: Any, *, timeout: float = LONGEST_SECONDS, **settings: Any) -> Any:
    """Invoke a function with one event, as AWS Lambda would, and return its response.

    Event and response pass through JSON on the way, as they do there.

    Args:
        function: a worker's class, a handler made by `lambda_handler`, or any function of an event
            and a context.
        event: any JSON value (`kafka_event`, `http_event`); a plain one is a direct invocation.
        timeout: seconds that the context says are left.
        settings: the settings of a worker's class by name, such as
            `report_batch_item_failures=True`.

    Raises:
        TypeError: the event or the response is no JSON value.
        Exception: whatever the function raises; AWS Lambda would report a failed invocation.
    """
    sent = _through_json(event, "the event")
    if isinstance(function, type) and issubclass(function, Worker):
        with opened(function, worker_settings(settings), None, None) as host:
            return _call(host, sent, timeout)
    if settings:
        names = ", ".join(settings)
        raise TypeError(f"{names}: only a worker's class takes settings, not {name_of(function)}")
    return _call(function, sent, timeout)


def _call(function: Any, event: Any, timeout: float) -> Any:
    context = Context(name_of(function), time.monotonic() + timeout)
    return _through_json(function(event, context), "the response")


def _through_json(value: Any, what: str) -> Any:
    try:
        return json_text.decode(json_text.encode(value))
    except json_text.JsonError as error:
        raise TypeError(f"{what} is no JSON value: {error}") from None


def _are_requests(records: Sequence[Any]) -> bool:
    return any(isinstance(r, Record) and isinstance(r.position, RequestPosition) for r in records)


def _run(host: Handler, batch: Sequence[Record], timeout: float) -> Outcomes:
    try:
        return host.run(list(batch), time.monotonic() + timeout)
    except OutOfTime as error:  # nobody knows of which record
        return Outcomes(batch, dict.fromkeys(range(len(batch)), error))


def _answer_each(host: Handler, records: Sequence[Record]) -> Outcomes:
    """Have requests answered one by one, as each comes by itself."""
    outcomes = Outcomes(records)
    for index, record in enumerate(records):
        one = host.host().answer([record])
        outcomes.keep(index, one.results[0])
        if one.failures:
            outcomes.fail(index, one.failures[0])
    return outcomes


def _rejects(outcomes: Outcomes, written: Sequence[Message]) -> dict[int, DeadLetter]:
    """Find the dead letter of each rejected record; a waiting caller has the Reject itself."""
    letters: dict[str, list[DeadLetter]] = {}
    for message in written:
        found = reading.decode(message.value or b"")
        letters.setdefault(found.id, []).append(found)
    records = outcomes.records
    rejects = {index: letters[records[index].id].pop(0) for index in sorted(outcomes.rejected)}
    for index, error in outcomes.failures.items():
        if isinstance(error, Reject):
            rejects[index] = reading.decode(letter.encode(records[index], error).value or b"")
    return dict(sorted(rejects.items()))
