"""Messages that a queue itself gave up: its redrive policy moved them to another, as they were."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from headrace.dead_letters.letter import DeadLetter
from headrace.sources.sqs import RECEIVE_COUNT
from headrace.sources.sqs_received import to_record

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ERROR_TYPE = "MaxReceiveCountExceeded"
_ERROR = "its queue moved it here: it was received as often as the redrive policy allows"


def source_queues(client: "SQSClient", queue: str) -> tuple[str, ...]:
    """Return the names of the queues that move messages into a queue, as far as that is told."""
    try:
        found = client.list_dead_letter_source_queues(QueueUrl=queue)
    except (ClientError, BotoCoreError):  # another permission, or a stand-in without it
        return ()
    return tuple(url.rpartition("/")[2] for url in found.get("queueUrls", ()))


def moved_letter(message: dict[str, Any], sources: Sequence[str], queue: str) -> DeadLetter | None:
    """Return a message that another queue moved as a letter; None if none did.

    Args:
        message: as ReceiveMessage gives it, with all of its attributes.
        sources: the names of the queues that move messages here.
        queue: the name of this queue, for a message of which it is not told which it was in.
    """
    told: dict[str, str] = message.get("Attributes", {})
    arn = told.get("DeadLetterQueueSourceArn")
    if arn is None and not sources:
        return None
    origin = arn.rpartition(":")[2] if arn else sources[0] if len(sources) == 1 else queue
    record = to_record(message, origin)
    return DeadLetter(
        source=record.source,
        id=record.id,
        position=record.position,
        key=record.key,
        value=record.value,
        # It is counted anew wherever it is put.
        headers=tuple((name, value) for name, value in record.headers if name != RECEIVE_COUNT),
        timestamp=record.timestamp,
        error_type=ERROR_TYPE,
        error=_ERROR,
        rejected_at=record.timestamp or 0,  # when it was moved is not told
    )
