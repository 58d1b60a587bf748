"""Leases of made-up messages."""

import time

from headrace.runner.sqs.lease import Lease
from headrace.sources.sqs_received import to_record


def lease(name: str, group: str | None = None, body: str = "x", deadline: float = 30.0) -> Lease:
    """A message that was received now, with its lease until so many seconds from now."""
    message = {"MessageId": name, "ReceiptHandle": f"receipt-{name}", "Body": body}
    record = to_record(message, "queue")
    del message["Body"]
    now = time.monotonic()
    return Lease(record, message, group, now, now + deadline)
