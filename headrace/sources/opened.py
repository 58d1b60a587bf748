"""Messages whose envelopes were opened: what became of each by what became of its records.

Whoever delivers messages, Lambda or a runner, knows nothing of what is in them: it is told of each
message whether it is done.
"""

from collections.abc import Sequence

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.sources.base import Envelope
from headrace.sources.envelopes import unwrap


class Opened:
    """A batch of messages.

    Args:
        messages: in the order of delivery.
        envelopes: which kinds are opened.

    Attributes:
        records: what is processed: the records inside, and the messages that hold none.
    """

    def __init__(self, messages: Sequence[Record], envelopes: Sequence[Envelope]) -> None:
        parts = [unwrap([message], envelopes) for message in messages]
        self.records = [record for part in parts for record in part]
        self._messages = messages
        self._owners = [number for number, part in enumerate(parts) for _ in part]

    def outcomes(self, inside: Outcomes) -> Outcomes:
        """Return what became of the messages: one is done if all that is inside is.

        Args:
            inside: what became of `records`.
        """
        told = Outcomes(self._messages)
        for index, result in enumerate(inside.results):
            told.keep(self._owners[index], result)
        for index, why in inside.rejected.items():
            told.reject(self._owners[index], why)
        for index, error in sorted(inside.failures.items()):
            owner = self._owners[index]
            if isinstance(told.failures.get(owner), NotDone | None):  # what failed tells more
                told.fail(owner, error)
        return told
