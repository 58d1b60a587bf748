"""A queue on a stand-in, and what is left in it."""

import uuid
from collections.abc import Mapping
from pathlib import Path

from headrace.runner.sqs.settings import SqsSource
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.live.place import REGION, Place
from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.requirement import Requirement
from headrace.testing.conformance.stand_ins.sources import VISIBLE_AGAIN_SECONDS, QueueSource

_COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


class QueueLive:
    """A queue, with a dead-letter queue if it is asked for one."""

    def __init__(self, place: Place, requirement: Requirement, folder: Path) -> None:
        del folder
        self._client = place.client("sqs")
        self._made = QueueSource(place.client, f"c-{uuid.uuid4().hex[:12]}", requirement)
        self._names = requirement.names()
        self.settings = SqsSource(
            queue=self._made.url,
            endpoint_url=place.endpoint,
            region=REGION,
            receive_wait_seconds=1,
        )

    def write(self, record: GivenRecord) -> None:
        """Send a message."""
        self._made.write(record)

    def begin(self, begun: Mapping[int, str]) -> None:
        """A queue has no positions."""

    def observe(self, observed: Observed) -> None:
        """Add what is left, and what was moved to the dead-letter queue."""
        observed.left = self._bodies(self._made.url)
        observed.dead = [] if self._made.dead is None else self._bodies(self._made.dead)

    def _bodies(self, url: str) -> list[str]:
        """Return the names of a queue's messages: of what is hidden, too, once it is visible."""
        told = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS)
        visible, hidden = (int(told["Attributes"][name]) for name in _COUNTS)
        if not visible and not hidden:
            return []
        found = self._made.bodies(url, VISIBLE_AGAIN_SECONDS + 1.0 if hidden else 0.5)
        return [self._names.get(body, body) for body in found]
