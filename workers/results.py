"""Results of a stream go to the sink, acknowledged before the position moves."""

import orjson

from workers.batch import hold_back
from workers.outcome import Outcomes
from workers.record import Record
from workers.reply import Reply
from workers.sinks.base import Message, Sink


def deliver(outcomes: Outcomes, sink: Sink) -> None:
    """Write the results of all records that are done; what is not acknowledged is not done."""
    indices = [
        index
        for index, result in enumerate(outcomes.results)
        if result is not None and index not in outcomes.failures
    ]
    if not indices:
        return
    messages = [_message(outcomes.records[i], outcomes.results[i]) for i in indices]
    failures = sink.send(messages)
    for index, failure in zip(indices, failures, strict=True):
        if failure is not None:
            outcomes.failures[index] = failure
    hold_back(outcomes)


def _message(record: Record, result: object) -> Message:
    origin = ("headrace-source", record.id.encode())
    if isinstance(result, Record):  # forwarded: key, value and headers as they are
        return Message(result.key, result.value, (*result.headers, origin), record.id)
    value = result.body if isinstance(result, Reply) else orjson.dumps(result)
    return Message(record.key, value, (origin,), record.id)
