"""Tasks that are cancelled once their time is over, and tasks that cancel themselves before."""

import asyncio
import math
from collections.abc import Coroutine, Sequence
from time import monotonic
from typing import Any

# How long a cancelled task may take to end; after that it is left to itself.
_GRACE_SECONDS = 0.5


async def wait_for_all(
    coroutines: Sequence[Coroutine[Any, Any, None]], deadline: float, over: asyncio.Event
) -> None:
    """Run all at once; cancel what has not ended at the deadline, or when this is cancelled.

    Args:
        coroutines: what is run.
        deadline: on the clock of `time.monotonic()`.
        over: set before anything is cancelled, so that a coroutine knows who cancels it.
    """
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    if not tasks:
        return
    seconds = None if deadline == math.inf else max(0.0, deadline - monotonic())
    pending = set(tasks)
    try:
        _, pending = await asyncio.wait(tasks, timeout=seconds)
    finally:
        over.set()
        for task in pending:
            task.cancel()
    if pending:
        _, pending = await asyncio.wait(pending, timeout=_GRACE_SECONDS)
    for task in tasks:
        if task not in pending and not task.cancelled():
            task.result()  # raises what no record is to blame for


def uncancel() -> None:
    """Forget that what was in work had this very task cancelled."""
    task = asyncio.current_task()
    while task is not None and task.uncancel():
        pass
