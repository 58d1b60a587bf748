"""One request that waits for its turn, or whose call runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from headrace.web.body import ClientGone

T = TypeVar("T")
R = TypeVar("R")


class Waiting(Generic[T, R]):
    """A request that waits, or whose call runs.

    Args:
        item: What is asked.
        answer: Gets the answer.
        left: Returns when whoever asked has left.

    Attributes:
        since: When it came, on the clock of `time.monotonic()`.
        watch: Looks whether whoever asked has left; only for who waits for long.
    """

    __slots__ = ("answer", "item", "left", "since", "watch")

    def __init__(
        self, item: T, answer: "asyncio.Future[R]", left: Callable[[], Awaitable[None]]
    ) -> None:
        self.item = item
        self.answer = answer
        self.left = left
        self.since = time.monotonic()
        self.watch: asyncio.Future[None] | None = None

    async def watch_client(self) -> None:
        """Give up once whoever asked has left."""
        await self.left()
        if not self.answer.done():
            self.answer.set_exception(ClientGone())


def settle(asked: Sequence[Waiting[T, R]], answers: Sequence[R | Exception]) -> None:
    """Give each its answer, or raise the exception that it got. On the event loop."""
    for one, answer in zip(asked, answers, strict=True):
        if one.answer.done():
            continue
        if isinstance(answer, Exception):
            one.answer.set_exception(answer)
        else:
            one.answer.set_result(answer)
