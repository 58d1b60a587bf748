"""One asynchronous invocation: the event goes to the function, then perhaps to a destination."""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from headrace import json_text
from headrace.dead_letters.failure_record import RequestContext
from headrace.dead_letters.letter import encodable
from headrace.dead_letters.times import now
from headrace.errors import NotDone, message_of
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.function.context import close
from headrace.runner.function.types import Call
from headrace.runner.sqs.asynchronous.event import original_event
from headrace.runner.sqs.asynchronous.told import AnsweredContext, ErrorPayload, InvocationRecord
from headrace.sinks import Message, Sink
from headrace.sources.sqs import RECEIVE_COUNT


class AsynchronousInvoker:
    """Gives the function the event of one message.

    How often the message was received says which attempt it is: so a restart forgets none.

    Args:
        call: takes an event to the function.
        function_arn: what is invoked.
        retries: how many attempts follow the first one.
        age_seconds: the age at which an event is given up.
        on_success: where events go that are done; None: nowhere.
        on_failure: where events go that are given up; None: they stay with the queue.
        clock: tells the time, in seconds since the epoch.
    """

    def __init__(
        self,
        call: Call,
        function_arn: str,
        retries: int,
        age_seconds: int,
        on_success: Sink | None,
        on_failure: Sink | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._call = call
        self._function_arn = function_arn
        self._retries = retries
        self._age_seconds = age_seconds
        self._on_success = on_success
        self._on_failure = on_failure
        self._clock = clock
        self._lock = threading.Lock()

    def __call__(self, records: Sequence[Record]) -> Outcomes:
        """Make one attempt at the only record. Raises if it is to come again."""
        (record,) = records
        attempt = _attempt(record)
        event = original_event(record.value or b"")
        if event is None:
            return Outcomes(records)
        if self._is_old(record) and self._on_failure is not None:
            told = self._told(event, "EventAgeExceeded", attempt - 1)
            return self._give_up(records, told, f"older than {self._age_seconds} s")
        try:
            success = self._answered(event, attempt)
        except NotDone:  # the function could not be invoked: no attempt
            raise
        except Exception as error:
            if attempt <= self._retries or self._on_failure is None:
                raise
            told = self._told(event, "RetriesExhausted", attempt, error)
            return self._give_up(records, told, message_of(error))
        if self._on_success is not None and success is not None:
            self._write(self._on_success, record, success)
        return Outcomes(records)

    def close(self) -> None:
        """Let go of the function and of the destinations."""
        for one in (self._call, self._on_success, self._on_failure):
            close(one)

    def _answered(self, event: Any, attempt: int) -> InvocationRecord | None:
        """Call the function; return what a destination is told. Raises if it has failed."""
        response = self._call(event)
        if self._on_success is None:
            return None
        return self._told(event, "Success", attempt, response=json_text.encode(response))

    def _is_old(self, record: Record) -> bool:
        sent = record.timestamp
        return sent is not None and self._clock() - sent / 1000 > self._age_seconds

    def _give_up(self, records: Sequence[Record], told: InvocationRecord, why: str) -> Outcomes:
        if self._on_failure is not None:
            self._write(self._on_failure, records[0], told)
        return Outcomes(records, rejected={0: why})

    def _write(self, sink: Sink, record: Record, told: InvocationRecord) -> None:
        message = Message(record.key, msgspec.json.encode(told), id=record.id)
        with self._lock:
            (refusal,) = sink.send([message])
        if refusal is not None:
            raise refusal

    def _told(
        self,
        event: Any,
        condition: str,
        attempts: int,
        error: Exception | None = None,
        response: bytes | UnsetType = UNSET,
    ) -> InvocationRecord:
        context = AnsweredContext()
        if error is not None:
            context = AnsweredContext(function_error="Unhandled")
            name, text = type(error).__name__, encodable(message_of(error))
            response = msgspec.json.encode(ErrorPayload(error_type=name, error_message=text))
        return InvocationRecord(
            timestamp=now(),
            request_context=RequestContext(
                request_id=str(uuid.uuid4()),
                function_arn=self._function_arn,
                condition=condition,
                approximate_invoke_count=attempts,
            ),
            request_payload=msgspec.Raw(json_text.encode(event)),
            response_context=UNSET if response is UNSET else context,
            response_payload=UNSET if response is UNSET else msgspec.Raw(response),
        )


def _attempt(record: Record) -> int:
    return int(dict(record.headers).get(RECEIVE_COUNT, b"1"))
