"""Which topic has the name: one that is deleted and made anew is another, with offsets of its own.

The client goes on at the offset that it has reached. A new log may be as long before it notices
anything, and what lies before that offset would be skipped.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

_SECONDS = 5.0
ANSWER_SECONDS = 2.0

Ask = Callable[[], Future[Any]]
"""Asks for the topic's description; its `topic_id` is None of a broker that knows no ids."""


class TopicWatch:
    """Looks once in a while whether it is the same topic still.

    Args:
        ask: sends the question.
        clock: tells the time, in seconds.
    """

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._known: set[str] = set()
        self._asked: Future[Any] | None = None
        self._due = 0.0
        self._is_news = False

    def work(self) -> bool:
        """Look, if it is time to, and wait for nothing.

        Returns:
            Whether the topic was made anew; True once each time.
        """
        if self._asked is None and self._clock() >= self._due:
            self._asked = self._ask()
            self._due = self._clock() + _SECONDS
        if self._asked is not None and self._asked.done():
            self._take(self._asked)
            self._asked = None
        news, self._is_news = self._is_news, False
        return news

    def look(self) -> bool:
        """Look now. Returns whether the topic was ever made anew since the first look."""
        self._take(self._ask())
        return len(self._known) > 1

    def _take(self, answer: Future[Any]) -> None:
        try:
            found = answer.result(ANSWER_SECONDS).topic_id
        except Exception:  # noqa: BLE001 - it is away, or its brokers are: the next answer tells
            return
        if found is not None and str(found) not in self._known:
            self._is_news = bool(self._known)
            self._known.add(str(found))
