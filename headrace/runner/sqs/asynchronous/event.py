"""The event that a message of a queue holds, as the service that sent it gives it to a function."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from headrace import json_text
from headrace.errors import HeadraceError
from headrace.sources.s3 import is_test

_OF_SNS = ("Type", "MessageId", "TopicArn", "Message", "Timestamp")


class NoEvent(HeadraceError):
    """The message is none that SNS, S3 or EventBridge sent."""


def original_event(body: bytes) -> dict[str, Any] | None:
    """Return what the service would have called the function with.

    Args:
        body: of the message.

    Returns:
        None for the message that S3 sends once, to try a new notification: no event follows.

    Raises:
        NoEvent: it is none of these; the message says what it looks like.
    """
    try:
        content = json_text.decode(body)
    except json_text.JsonError as error:
        raise NoEvent(f"the message is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise NoEvent(f"the message is a JSON {type(content).__name__}, not an event")
    if is_test(content):
        return None
    if content.get("Type") == "Notification" and _has_texts(content):
        return {"Records": [_of_sns(content)]}
    if _is_s3(content) or {"detail-type", "detail", "source"} <= content.keys():
        return content
    names = ", ".join(sorted(content)[:5])
    raise NoEvent(f"the message is no event of SNS, S3 or EventBridge: it has {names or 'nothing'}")


def _of_sns(told: dict[str, Any]) -> dict[str, Any]:
    leave = told.get("UnsubscribeURL", "")
    return {
        "EventVersion": "1.0",
        "EventSubscriptionArn": _subscription(leave) or told["TopicArn"],
        "EventSource": "aws:sns",
        "Sns": {
            "SignatureVersion": told.get("SignatureVersion", "1"),
            "Timestamp": told["Timestamp"],
            "Signature": told.get("Signature", ""),
            "SigningCertUrl": told.get("SigningCertURL", ""),
            "MessageId": told["MessageId"],
            "Message": told["Message"],
            "MessageAttributes": told.get("MessageAttributes", {}),
            "Type": "Notification",
            "UnsubscribeUrl": leave,
            "TopicArn": told["TopicArn"],
            "Subject": told.get("Subject"),
        },
    }


def _has_texts(content: dict[str, Any]) -> bool:
    return all(isinstance(content.get(name), str) for name in _OF_SNS)


def _subscription(leave: Any) -> str:
    """Return which subscription an address to leave it is of; empty: it does not say."""
    try:
        (arn,) = parse_qs(urlsplit(leave).query)["SubscriptionArn"]
    except (ValueError, KeyError, TypeError, AttributeError):  # no address, or of another form
        return ""
    return str(arn)


def _is_s3(content: dict[str, Any]) -> bool:
    records = content.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    return isinstance(first, dict) and first.get("eventSource") == "aws:s3"
