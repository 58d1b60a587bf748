"""Versions that could not be loaded, and when each may be tried again."""

import time
from typing import NamedTuple

_LONGEST_PAUSE_SECONDS = 3600.0


class _Refusal(NamedTuple):
    times: int
    retry_at: float


class Refusals:
    """What failed so far, by the name of the version; empty while all is well.

    Args:
        pause_seconds: The time before the second attempt; each further one waits twice as long.
    """

    def __init__(self, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self._refused: dict[str, _Refusal] = {}

    def note(self, version: str) -> bool:
        """Note that a version failed. Return whether it is the first time."""
        times = self._refused[version].times + 1 if version in self._refused else 1
        pause = min(self._pause_seconds * 2.0 ** min(times, 32), _LONGEST_PAUSE_SECONDS)
        self._refused[version] = _Refusal(times, time.monotonic() + pause)
        return times == 1

    def is_waiting(self, version: str) -> bool:
        """Say whether it is too early to try a version again."""
        refused = self._refused.get(version)
        return refused is not None and time.monotonic() < refused.retry_at

    def clear(self) -> None:
        """Forget all of them: the alias stands for a sound version."""
        self._refused.clear()
