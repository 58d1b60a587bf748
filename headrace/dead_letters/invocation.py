"""The record of an asynchronous invocation that was given up, read as a dead letter.

AWS Lambda writes it to an OnFailure destination, and so does a runner that gives a function the
events of a queue. It holds the event. What is put back is the message that brings this event again.
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from headrace import json_text
from headrace.dead_letters.failure_record import RequestContext
from headrace.dead_letters.letter import DeadLetter
from headrace.dead_letters.times import milliseconds
from headrace.record import MessagePosition

_SUCCESS = "Success"
# What SNS writes otherwise in an envelope than in an event.
_IN_ENVELOPE = {"SigningCertUrl": "SigningCertURL", "UnsubscribeUrl": "UnsubscribeURL"}


class InvocationFailure(msgspec.Struct, frozen=True, rename="camel"):
    """What a destination is told; see `headrace.runner.sqs.asynchronous.told`."""

    request_context: RequestContext
    timestamp: str
    request_payload: Any
    response_payload: Any = UNSET


def letter_of(failure: InvocationFailure) -> DeadLetter:
    """Return the letter of an event. Raises ValueError if the event is done."""
    context = failure.request_context
    if context.condition == _SUCCESS:
        raise ValueError("the event is done, not given up")
    function = context.function_arn.partition(":function:")[2].partition(":")[0]
    position = MessagePosition(function or context.function_arn, context.request_id)
    return DeadLetter(
        source="invocation",
        id=str(position),
        position=position,
        key=None,
        value=json_text.encode(_message(failure.request_payload)),
        headers=(),
        timestamp=None,
        error_type=context.condition,
        error=_error(failure.response_payload),
        rejected_at=milliseconds(failure.timestamp),
    )


def _message(event: Any) -> Any:
    """Return what a queue holds of an event: of SNS, its envelope; of others, the event itself."""
    records = event.get("Records") if isinstance(event, dict) else None
    first = records[0] if isinstance(records, list) and len(records) == 1 else None
    told = first.get("Sns") if isinstance(first, dict) else None
    if not isinstance(told, dict):
        return event
    return {_IN_ENVELOPE.get(name, name): value for name, value in told.items()} | {
        "Type": "Notification"
    }


def _error(payload: Any | UnsetType) -> str:
    if not isinstance(payload, dict):
        return ""
    parts = (payload.get("errorType"), payload.get("errorMessage"))
    return ": ".join(str(part) for part in parts if part)
