"""Context variables that a worker's `setup` sets: whoever processes a record sees them.

Records are processed on other threads than the one that set the worker up, and each thread has a
context of its own.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")

_NOTHING: Any = object()


class ContextVariables:
    """The variables that were set while this thread noted them, for other threads."""

    def __init__(self) -> None:
        self._found: list[tuple[ContextVar[Any], Any]] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is set inside."""
        before = copy_context()
        yield
        self._found = _changes(before, copy_context())

    def run(self, act: Callable[..., T], *args: Any) -> T:
        """Call something that sees them; what this thread has set itself stays."""
        if not self._found:
            return act(*args)
        context = copy_context()
        context.run(self._set)
        return context.run(act, *args)

    def _set(self) -> None:
        for variable, value in self._found:
            if variable.get(_NOTHING) is _NOTHING:
                variable.set(value)


async def context_after(awaitable: Awaitable[None]) -> Context:
    """Wait for what is awaitable, and return the context in which it ended."""
    await awaitable
    return copy_context()


def take_over(context: Context) -> None:
    """Set on this thread what was set elsewhere, in a copy of its context."""
    for variable, value in _changes(copy_context(), context):
        variable.set(value)


def _changes(before: Context, after: Context) -> list[tuple[ContextVar[Any], Any]]:
    return [
        (variable, value)
        for variable, value in after.items()
        if before.get(variable, _NOTHING) is not value
    ]
