"""Times as AWS Lambda writes them in failure records."""

from datetime import UTC, datetime


def iso(milliseconds: int) -> str | None:
    """Return a time since the epoch in ISO 8601, UTC; None if no calendar has it.

    A producer may write any number, such as microseconds, and the record has to be described all
    the same.
    """
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    """Return the time of this moment."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: str) -> int:
    """Return the time since the epoch that the service wrote. Raises ValueError if it is none."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
