"""Messages are written in transactions; of one that is refused, the message to blame is found.

Transactions follow the order of the messages. One that is refused for its content is halved, until
the message to blame is alone: that is its own failure, and it holds back the later messages of its
key. One that could not be made for another reason is tried again until the time is over. Whether a
lost one was committed after all is then told by the ledger.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence, Sized

from headrace.by_size import by_size
from headrace.sinks.base import ContentRefused, Message, WriteFailed, held_back, too_late
from headrace.sinks.partial_writes import BACKOFF_SECONDS, Transient

_LONGEST_WAIT = 2.0
_MOST_BYTES = 8 << 20  # of one statement

# Writes the messages with these indices in one transaction. Raises ContentRefused, Transient, or
# what makes the writing of all others useless, too.
Attempt = Callable[[Sequence[int]], None]


def write(
    messages: Sequence[Message],
    texts: Sequence[Sized | ContentRefused],
    attempt: Attempt,
    timeout: float,
) -> list[Exception | None]:
    """Write all messages. Returns None or the reason, for each.

    Args:
        messages: in order.
        texts: what is written of each, or why it cannot be written at all.
        attempt: makes one transaction.
        timeout: seconds after which no further transaction is begun.
    """
    writing = _Writing(messages, attempt, time.monotonic() + timeout)
    writing.run(deque(_parts(writing.possible(texts))))
    return writing.failures


class _Writing:
    """Which messages failed, and why; the others are written."""

    def __init__(self, messages: Sequence[Message], attempt: Attempt, deadline: float) -> None:
        self._messages = messages
        self._attempt = attempt
        self._deadline = deadline
        self._failed_at: dict[bytes, int] = {}  # keys, and the first message that failed
        self.failures: list[Exception | None] = [None] * len(messages)

    def possible(self, texts: Sequence[Sized | ContentRefused]) -> dict[int, Sized]:
        """Return the messages that may be written, by their index."""
        found = {}
        for index, text in enumerate(texts):
            if isinstance(text, ContentRefused):
                self._fail(index, text)
            else:
                found[index] = text
        return found

    def run(self, parts: deque[list[int]]) -> None:
        """Write one part after the other."""
        while parts:
            part = parts.popleft()
            if self._failed_at:
                part = [index for index in part if not self._is_held_back(index)]
            if not part:
                continue
            try:
                self._persist(part)
            except ContentRefused as error:
                if len(part) == 1:
                    self._fail(part[0], error)
                else:
                    middle = len(part) // 2
                    parts.extendleft((part[middle:], part[:middle]))
            except Exception as error:  # noqa: BLE001 - the reason of all that is left
                for index in (*part, *(index for later in parts for index in later)):
                    self.failures[index] = error
                return

    def _persist(self, part: Sequence[int]) -> None:
        """Try until the database answers, or the time is over."""
        tries = 0
        while True:
            try:
                self._attempt(part)
            except Transient as error:
                wait = min(_LONGEST_WAIT, BACKOFF_SECONDS * 2**tries) if tries else 0.0
                if time.monotonic() + wait >= self._deadline:
                    raise WriteFailed(f"{too_late()}: {error}") from error
                time.sleep(wait)
                tries += 1
            else:
                return

    def _is_held_back(self, index: int) -> bool:
        key = self._messages[index].key
        if key is None or self._failed_at.get(key, index) >= index:
            return False
        self.failures[index] = held_back()
        return True

    def _fail(self, index: int, error: Exception) -> None:
        self.failures[index] = error
        key = self._messages[index].key
        if key is not None:
            self._failed_at[key] = min(index, self._failed_at.get(key, index))


def _parts(texts: dict[int, Sized]) -> list[list[int]]:
    """Cut the messages into parts that one statement can hold."""
    if sum(map(len, texts.values())) <= _MOST_BYTES:
        return [[*texts]]
    return by_size({index: len(text) for index, text in texts.items()}, _MOST_BYTES)
