"""What topics, streams, tables and queues may be called, by the rules of their services.

Names come from events and dead letters, which strangers may have written: they are checked before
anything is made of them.
"""

import re
from typing import NamedTuple

from headrace.position import STREAM, TOPIC

TABLE = r"^[A-Za-z0-9_.-]{3,255}\Z"
_QUEUE = r"^[A-Za-z0-9_-]{1,80}(\.fifo)?\Z"
_NOTIFIER = r"^[A-Za-z0-9_-]{1,256}(\.fifo)?\Z"

is_table = re.compile(TABLE).match
is_topic = re.compile(TOPIC).match
is_stream = re.compile(STREAM).match
is_queue = re.compile(_QUEUE).match
is_notifier = re.compile(_NOTIFIER).match
"""Whether a topic of SNS may be called so; `is_topic` is of Kafka."""


class Arn(NamedTuple):
    """What an ARN says of a resource."""

    region: str
    account: str
    resource: str


def read_arn(text: str, service: str) -> Arn | None:
    """Return what the ARN of a resource of this service says; None if the text is none."""
    parts = text.split(":", 5)
    is_arn = len(parts) == 6 and parts[0] == "arn" and parts[2] == service
    return Arn(*parts[3:]) if is_arn else None


def table_of(arn: str) -> str:
    """Return the table's name in the ARN of its stream: `…:table/orders/stream/2026-…`."""
    return arn.partition(":table/")[2].partition("/")[0]


def stream_name(arn: str) -> str:
    """Return the name in the ARN of a Kinesis stream, or of a consumer with enhanced fan-out."""
    return arn.partition("/consumer/")[0].rpartition("/")[2]
