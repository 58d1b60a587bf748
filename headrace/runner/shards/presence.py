"""Whether a stream is there: what a service's errors say of it when a run begins."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from headrace.runner.presence import refusal
from headrace.runner.shards.errors import ABSENT, code, is_passing


@contextmanager
def looking_for(what: str) -> Iterator[None]:
    """Have the errors of a service say whether what is looked for may be found later.

    Args:
        what: is looked for, as the message names it.

    Raises:
        SourceAbsent: it is not there, or the service does not answer for now.
        SettingsError: it may not be read.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        passes = code(error) == ABSENT or is_passing(error)
        raise refusal(what, error, passes=passes) from None
