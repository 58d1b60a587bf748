"""The failures that a mapping reads from a response, and its word about those that it does not."""

from collections.abc import Sequence
from typing import Any

from headrace import log as telemetry
from headrace.record import Record
from headrace.runner.protocol.response import read_response
from headrace.settings import variable


class Failures:
    """Reads responses as AWS does: the records that one names are done unless they are asked for.

    Args:
        partial: whether the mapping asks for partial responses; without, any response is success.
    """

    def __init__(self, *, partial: bool) -> None:
        self._partial = partial
        self._told = False

    def of(self, response: Any, records: Sequence[Record]) -> dict[int, Exception] | None:
        """Return the failures by index, or None for a response that nobody reads.

        Raises:
            BadResponse: the whole batch failed.
        """
        if self._partial:
            return read_response(response, records)
        if not self._told and isinstance(response, dict) and response.get("batchItemFailures"):
            self._told = True
            telemetry.logger("runner", "WARNING").error(
                "the function names records that failed, and is not asked to: they count as done",
                setting=variable("report_batch_item_failures"),
            )
        return None
