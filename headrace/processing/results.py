"""Results of a stream go to the sink, acknowledged before the position moves."""

from headrace import json_text
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import hold_back
from headrace.record import Record
from headrace.reply import Reply
from headrace.sinks.base import Message, Sink
from headrace.sinks.result import Result


def deliver(outcomes: Outcomes, sink: Sink) -> None:
    """Write the results of all records that are done; what is not acknowledged is not done."""
    messages = _messages(outcomes)
    if not messages:
        return
    failures = sink.send(list(messages.values()))
    for index, failure in zip(messages, failures, strict=True):
        if failure is not None:
            outcomes.fail(index, failure)
    hold_back(outcomes)


def _messages(outcomes: Outcomes) -> dict[int, Message]:
    """The messages to write, by the index of their record."""
    messages: dict[int, Message] = {}
    records, failures = outcomes.records, outcomes.failures
    for index, result in enumerate(outcomes.results):
        if result is not None and index not in failures:
            try:
                messages[index] = _message(records[index], result)
            except (json_text.JsonError, TypeError) as error:  # this record's own failure
                outcomes.fail(index, error)
    if not failures:
        return messages
    hold_back(outcomes)  # before anything is written: a key's results arrive in order
    return {i: message for i, message in messages.items() if i not in failures}


def _message(record: Record, result: object) -> Message:
    if isinstance(result, Record):  # forwarded: key, value and headers as they are
        _check_bytes(result)
        return Result(result.key, result.value, result.headers, "", record.position)
    if isinstance(result, Reply):
        return Result(record.key, result.body, (), "", record.position)
    return Result(record.key, json_text.encode(result), (), "", record.position, is_json=True)


def _check_bytes(record: Record) -> None:
    """Refuse a record that no sink could write: a struct does not check what it is made of."""
    parts = {"value": record.value, "key": record.key, **dict(record.headers)}
    for name, part in parts.items():
        if not isinstance(part, bytes | None):
            raise TypeError(f"the {name} of a forwarded record is {type(part).__name__}, not bytes")
