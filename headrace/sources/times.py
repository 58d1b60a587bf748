"""Times as AWS writes them, in milliseconds since the epoch."""

from datetime import UTC, datetime


def milliseconds(text: str | None) -> int | None:
    """The time of an ISO 8601 text such as `2026-03-01T12:00:00.000Z`; None if it is none."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)
