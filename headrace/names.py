"""What topics, streams and tables may be called, by the rules of their services.

Names come from events and dead letters, which strangers may have written: they are checked before
anything is made of them.
"""

import re

from headrace.position import STREAM, TOPIC

TABLE = r"^[A-Za-z0-9_.-]{3,255}\Z"

is_table = re.compile(TABLE).match
is_topic = re.compile(TOPIC).match
is_stream = re.compile(STREAM).match


def table_of(arn: str) -> str:
    """Return the table's name in the ARN of its stream: `…:table/orders/stream/2026-…`."""
    return arn.partition(":table/")[2].partition("/")[0]


def stream_name(arn: str) -> str:
    """Return the name in the ARN of a Kinesis stream, or of a consumer with enhanced fan-out."""
    return arn.partition("/consumer/")[0].rpartition("/")[2]
