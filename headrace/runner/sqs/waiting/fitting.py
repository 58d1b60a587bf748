"""How many messages fit one event."""

from collections.abc import Sequence

import msgspec

from headrace.runner.protocol.payload import ROOM, text_size
from headrace.runner.sqs.lease import Lease

_ESCAPED = 6  # bytes that one byte of a body takes at most, as JSON
_AROUND = 512  # names of an event's fields, the queue's ARN
_MOST_AROUND = 8_192  # with a receipt, and with attributes of usual sizes


def fitting(leases: Sequence[Lease]) -> int:
    """Return how many of the first ones make one batch: as many as fit, but at least one."""
    if sum([lease.size * _ESCAPED + _MOST_AROUND for lease in leases]) <= ROOM:
        return len(leases)
    room = ROOM
    for count, lease in enumerate(leases):
        attributes = len(msgspec.json.encode(lease.message))
        room -= text_size(lease.record.value or b"") + attributes + _AROUND
        if room < 0:
            return max(1, count)
    return len(leases)
