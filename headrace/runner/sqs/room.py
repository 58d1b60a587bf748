"""How many messages may be asked for: bounded by their number and by their bytes.

What waits here, nobody else works on, and it counts as received once more when it is given back. So
no more waits than makes the next batches, or than the function takes in a second.
"""

from collections.abc import Sequence

from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.pace import Pace
from headrace.runner.sqs.queue import MOST


class Asked:
    """A request for messages: how many it is for, and what it brings."""

    def __init__(self, count: int, leases: Sequence[Lease] = ()) -> None:
        self.count = count
        self.leases = leases


class Room:
    """What may be held beside what is held. The holdings' lock guards it.

    Bytes are counted exactly once they are here; those that are asked for, by a mean that follows
    at once if messages get larger, and slowly if they get smaller.

    Args:
        messages: how many may be held.
        size: bytes that may be held.
        batches: how many messages may be in work.
        pace: how many the function takes in a second.

    Attributes:
        held: how many messages are held.
        bytes: how many bytes are.
    """

    def __init__(self, messages: int, size: int, batches: int, pace: Pace) -> None:
        self.held = 0
        self.bytes = 0
        self._messages = messages
        self._size = size
        self._batches = batches
        self._pace = pace
        self._mean = 1.0
        self._asked = 0

    def ask(self, waiting: int, most: int = MOST) -> int:
        """Return how many messages to ask for now; 0 if there is no room for a whole request.

        Args:
            waiting: how many are held and not in work.
            most: how many may be asked for at once.
        """
        most = min(most, self._messages)
        if self.held + self._asked + most > self._messages:
            return 0
        if waiting + self._asked >= max(self._batches, self._pace.of_a_second()):
            return 0
        left = self._size - self.bytes - self._asked * self._mean
        count = min(most, int(left / self._mean))
        if count < 1 and not (self.held or self._asked):
            count = 1  # larger than all that may be held: then it comes alone
        self._asked += max(0, count)
        return max(0, count)

    def answered(self, asked: Asked) -> None:
        """Take in that a request has been answered."""
        self._asked -= asked.count
        if asked.leases:
            now = max(1.0, sum(lease.size for lease in asked.leases) / len(asked.leases))
            self._mean = max(now, (self._mean + now) / 2)

    def took(self, count: int) -> None:
        """Take in that the function was given so many messages."""
        self._pace.note(count)

    def add(self, lease: Lease) -> None:
        """Hold one message more."""
        self.held += 1
        self.bytes += lease.size

    def forget_body(self, lease: Lease) -> None:
        """Hold a message without its body."""
        self.bytes -= lease.size
        lease.forget_body()
