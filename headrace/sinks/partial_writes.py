"""Writing through a service that takes batches and may fail single entries of them.

Entries are written in queues. A request holds at most one entry of each queue, and the next one of
a queue goes out only after the one before was acknowledged; so an entry that the service failed or
throttled is never overtaken, and retrying it repeats nothing. Entries whose order does not matter
have each a queue of their own and fill the requests.

A queue whose entry failed for good ends there: what follows in it is held back, others go on.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from headrace.sinks.base import ContentRefused, Message, WriteFailed, held_back, too_late

BACKOFF_SECONDS = 0.1
BACKOFF_LIMIT_SECONDS = 3.0


class Transient(WriteFailed):
    """The service could not take this now; it may later."""


class Entry(NamedTuple):
    """One message as the service wants it.

    Attributes:
        queue: entries of one queue are written one after the other.
        size: bytes, as the service counts them.
        request: the entry of the request.
    """

    queue: Hashable
    size: int
    request: dict[str, Any]


class ServiceLimits(NamedTuple):
    """What the service takes at once.

    Attributes:
        entries: per request.
        request_bytes: per request of more than one entry; a larger entry travels alone.
        entry_bytes: per entry.
    """

    entries: int
    request_bytes: int
    entry_bytes: int


MakeEntry = Callable[[int, Message], Entry]
Put = Callable[[list[dict[str, Any]]], Sequence[Exception | None]]


def write(
    messages: Sequence[Message], entry: MakeEntry, put: Put, limits: ServiceLimits, timeout: float
) -> list[Exception | None]:
    """Write all messages and wait for the service's word on each.

    Args:
        messages: in order.
        entry: makes the entry of a message, given its index too.
        put: sends one request; returns for each entry None, Transient (try again) or another
            exception (never). It may raise Transient for the request as a whole, ContentRefused if
            entries are at fault; any other exception (the service cannot be used) ends the writing.
        limits: of the service.
        timeout: seconds after which no further request is made.

    Returns:
        None or the reason, for each message.
    """
    failures: list[Exception | None] = [too_late() for _ in messages]
    entries = _entries(messages, entry, failures)
    writing = _Writing(entries, limits, failures)
    deadline = time.monotonic() + timeout
    throttled = 0
    while request := writing.take():
        if time.monotonic() >= deadline:
            break
        try:
            answers = _put(put, [entries[index].request for index in request])
        except Exception as error:  # noqa: BLE001 - it is the reason of every entry that is left
            writing.give_up(error)
            break
        writing.settle(request, answers)
        throttled = throttled + 1 if any(isinstance(a, Transient) for a in answers) else 0
        time.sleep(min(_backoff(throttled), max(0.0, deadline - time.monotonic())))
    return failures


class _Writing:
    """Which entries are acknowledged, which may go next, and why the others did not."""

    def __init__(
        self, entries: dict[int, Entry], limits: ServiceLimits, failures: list[Exception | None]
    ) -> None:
        self._entries = entries
        self._limits = limits
        self._queues: dict[Hashable, deque[int]] = {}
        self.failures = failures
        for index, entry in entries.items():
            self._queues.setdefault(entry.queue, deque()).append(index)
        self._ready = deque(queue[0] for queue in self._queues.values())

    def take(self) -> list[int]:
        """The next request: indices of entries, each the first of its queue."""
        request: list[int] = []
        room = self._limits.request_bytes
        while self._ready and len(request) < self._limits.entries:
            index = self._ready[0]
            size = self._entries[index].size
            if size > self._limits.entry_bytes:
                self._ready.popleft()
                self._fail(index, ContentRefused(_too_large(size, self._limits.entry_bytes)))
                continue
            if request and size > room:
                break
            room -= size
            request.append(self._ready.popleft())
        return request

    def settle(self, request: Sequence[int], answers: Sequence[Exception | None]) -> None:
        for index, answer in zip(request, answers, strict=True):
            if answer is None:
                self._acknowledge(index)
            elif isinstance(answer, Transient):
                self.failures[index] = answer
                self._ready.append(index)
            else:
                self._fail(index, answer)

    def give_up(self, reason: Exception) -> None:
        """Nothing that is still pending will be written, for this reason."""
        for queue in self._queues.values():
            for index in queue:
                self.failures[index] = reason

    def _acknowledge(self, index: int) -> None:
        self.failures[index] = None
        queue = self._queues[self._entries[index].queue]
        queue.popleft()
        if queue:
            self._ready.append(queue[0])

    def _fail(self, index: int, reason: Exception) -> None:
        for later in self._queues.pop(self._entries[index].queue):
            self.failures[later] = held_back()
        self.failures[index] = reason


def _entries(
    messages: Sequence[Message], entry: MakeEntry, failures: list[Exception | None]
) -> dict[int, Entry]:
    """The entries by index; a message that cannot be one fails."""
    entries: dict[int, Entry] = {}
    for index, message in enumerate(messages):
        try:
            entries[index] = entry(index, message)
        except ValueError as error:  # such as a header name that has no encoding
            failures[index] = error
    return entries


def _put(put: Put, request: list[dict[str, Any]]) -> Sequence[Exception | None]:
    """Send a request; if it is refused as a whole, find the entries that are to blame."""
    try:
        return put(request)
    except Transient as error:
        return [error] * len(request)
    except ContentRefused as error:
        if len(request) == 1:
            return [error]
    middle = len(request) // 2
    return [*_put(put, request[:middle]), *_put(put, request[middle:])]


def _backoff(throttled: int) -> float:
    """Seconds to wait: exponential with full jitter, so that producers do not retry in step."""
    if not throttled:
        return 0.0
    return random.uniform(0, min(BACKOFF_LIMIT_SECONDS, BACKOFF_SECONDS * 2**throttled))  # noqa: S311


def _too_large(size: int, limit: int) -> str:
    return f"{size} bytes are more than the {limit} that one message may have"
