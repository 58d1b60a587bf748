"""`@once`: at most one attempt at a key at a time, and the answer of the first that succeeds."""

from headrace.idempotency.decorator import once, payload_digest, record_id

__all__ = ["once", "payload_digest", "record_id"]
