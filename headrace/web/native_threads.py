"""Threads of this process that Python has not started: those of a server written in Rust."""

import threading
from pathlib import Path

_TASKS = Path("/proc/self/task")


def native_threads() -> set[int]:
    """Return their ids; none on a system that does not list them."""
    if not _TASKS.exists():
        return set()
    found = {int(task.name) for task in _TASKS.iterdir()}
    return found - {thread.native_id for thread in threading.enumerate()}
