"""A queue of SQS in memory: what the runner asks of boto3's client, and what queues do.

It has visibility timeouts, receive counts, message groups and a redrive policy, on the real clock.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from headrace.testing.conformance.given import GivenRecord

ARN = "arn:aws:sqs:eu-west-1:000000000000:"


class Message(msgspec.Struct):
    """A message in the queue.

    Attributes:
        number: in the order of arrival.
        body: its body.
        group: its message group; None: it has none.
        attributes: as the queue gives them.
        visible_at: when it is visible, on `time.monotonic()`.
        received: how often it was handed out.
    """

    number: int
    body: str
    group: str | None
    attributes: dict[str, str]
    visible_at: float = 0.0
    received: int = 0


class MemoryQueue:
    """Its methods are those of boto3's client, with what the runner asks for.

    Args:
        name: the queue's.
        attributes: as AWS names them.
        at_rest: called when it holds nothing any more.

    Attributes:
        dead: the bodies of what was moved to the dead-letter queue.
    """

    def __init__(
        self, name: str, attributes: dict[str, str], at_rest: Callable[[], object]
    ) -> None:
        self.dead: list[str] = []
        self._attributes = {"QueueArn": ARN + name, "VisibilityTimeout": "30", **attributes}
        policy = attributes.get("RedrivePolicy")
        self._most = int(msgspec.json.decode(policy)["maxReceiveCount"]) if policy else None
        self._at_rest = at_rest
        self._messages: dict[int, Message] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._sent = 0

    def put(self, record: GivenRecord, group: str | None) -> None:
        """Send a message."""
        with self._changed:
            self._sent += 1
            attributes = {"SenderId": "AIDA", "SentTimestamp": f"{time.time() * 1000:.0f}"}
            if group is not None:
                attributes["MessageGroupId"] = group
                attributes["MessageDeduplicationId"] = record.name
                attributes["SequenceNumber"] = f"{self._sent:020d}"
            message = Message(self._sent, record.payload(), group, attributes)
            message.attributes |= {f"${name}": value for name, value in record.headers.items()}
            self._messages[self._sent] = message
            self._changed.notify_all()

    def left(self) -> list[str]:
        """Return the bodies of what it holds."""
        with self._changed:
            return [message.body for message in self._messages.values()]

    def close(self) -> None:
        """Answer whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def get_queue_url(self, **asked: Any) -> dict[str, Any]:
        """Return its URL."""
        return {"QueueUrl": f"memory://{asked['QueueName']}"}

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        """Return its attributes."""
        del asked
        return {"Attributes": self._attributes}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        """Hand out what is visible; wait for it."""
        until = time.monotonic() + asked["WaitTimeSeconds"]
        with self._changed:
            while True:
                found = self._visible(asked["MaxNumberOfMessages"])
                now = time.monotonic()
                if found or now >= until or self._closed:
                    break
                next_at = min((m.visible_at for m in self._messages.values()), default=until)
                self._changed.wait(max(0.001, min(until, max(next_at, now + 0.005)) - now))
            hidden_until = time.monotonic() + asked["VisibilityTimeout"]
            messages = [self._handed_out(message, hidden_until) for message in found]
        self._rest()
        return {"Messages": messages}

    def delete_message_batch(self, **asked: Any) -> dict[str, Any]:
        """Delete messages."""
        with self._changed:
            for entry in asked["Entries"]:
                self._messages.pop(_number(entry), None)
            self._changed.notify_all()
        self._rest()
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]]}

    def change_message_visibility_batch(self, **asked: Any) -> dict[str, Any]:
        """Have messages visible later, or now."""
        with self._changed:
            for entry in asked["Entries"]:
                message = self._messages.get(_number(entry))
                if message is not None:
                    message.visible_at = time.monotonic() + entry["VisibilityTimeout"]
            self._changed.notify_all()
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]]}

    def _visible(self, most: int) -> list[Message]:
        now, found = time.monotonic(), list[Message]()
        held = {m.group for m in self._messages.values() if m.group and m.visible_at > now}
        for message in sorted(self._messages.values(), key=lambda message: message.number):
            if message.visible_at > now or message.group in held or len(found) == most:
                continue
            if self._most is not None and message.received >= self._most:
                self.dead.append(self._messages.pop(message.number).body)
            else:
                found.append(message)
        return found

    def _handed_out(self, message: Message, hidden_until: float) -> dict[str, Any]:
        message.received += 1
        message.visible_at = hidden_until
        told = message.attributes
        told.setdefault("ApproximateFirstReceiveTimestamp", f"{time.time() * 1000:.0f}")
        told["ApproximateReceiveCount"] = str(message.received)
        return {
            "MessageId": f"message-{message.number}",
            "ReceiptHandle": f"{message.number}:{message.received}",
            "Body": message.body,
            "MD5OfBody": hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest(),
            "Attributes": {k: v for k, v in told.items() if not k.startswith("$")},
            "MessageAttributes": {
                name[1:]: {"DataType": "String", "StringValue": value}
                for name, value in told.items()
                if name.startswith("$")
            },
        }

    def _rest(self) -> None:
        if not self._messages:
            self._at_rest()


def _number(entry: dict[str, Any]) -> int:
    return int(entry["ReceiptHandle"].partition(":")[0])
