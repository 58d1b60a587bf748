"""What a stand-in refuses to hold cannot be asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from headrace.testing.conformance.observed import Unsupported


@contextmanager
def taken(what: str) -> Iterator[None]:
    """Raise Unsupported if the stand-in does not take something: a source, or a record."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "?")
        raise Unsupported(f"it does not take the {what} ({code})") from None
