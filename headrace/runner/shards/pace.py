"""How long the poller of a stream waits while nothing comes, or while the service refuses."""

import msgspec

from headrace.runner.backoff import Backoff


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Pauses, in seconds. The defaults suit the service; a stand-in may be asked more often.

    Attributes:
        idle: the longest pause between two reads of a shard in which nothing happens. It is the
            one of AWS Lambda.
        listing: between two listings of the stream's shards.
        failed_read: before a read that failed is tried again.
        failed_listing: before a listing that failed is tried again.
        registration: between two looks at a consumer that is not active yet.
    """

    idle: float = 1.0
    listing: float = 10.0
    failed_read: Backoff = Backoff(first=0.25, longest=10.0)
    failed_listing: float = 1.0
    registration: float = 1.0
