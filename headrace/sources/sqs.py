"""SQS: standard and FIFO queues.

A failed message comes back when its visibility timeout is over, until the queue's redrive policy
moves it. The messages of a FIFO group are records of one key, so after a failure the later messages
of its group are not done, and those of other groups are.
"""

from typing import Any

from headrace.processing.outcomes import Outcomes
from headrace.record import MessagePosition, Record
from headrace.sources.base import Redelivery
from headrace.sources.sqs_message import RECEIVE_COUNT, messages_of

__all__ = ["RECEIVE_COUNT", "Sqs"]


class Sqs:
    """Each message stands for itself; the groups of a FIFO queue keep their order."""

    name = "sqs"
    redelivery: Redelivery = "partial"

    def records(self, event: Any) -> list[Record]:
        """The messages in the order of the event.

        The key is the message group of a FIFO queue; in a standard queue, the group is the header
        `aws.message-group`. Headers are the message's attributes, and `aws.receive-count` says how
        often the message was delivered, this time included.
        """
        return messages_of(event)

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, str]]]:
        """The id of each message that is not done, once each."""
        failed = dict.fromkeys(
            record.position.id
            for record in outcomes.not_done()
            if isinstance(record.position, MessagePosition)
        )
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
