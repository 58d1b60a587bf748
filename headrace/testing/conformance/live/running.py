"""A run of the runner, on a thread of its own, until it has come to rest."""

import threading
import time
from collections.abc import Callable
from typing import Any, Self

from headrace.runner import MappingSettings, Stats, Stop, run
from headrace.runner.source_settings import Source
from headrace.testing.conformance.arrivals import Arrivals
from headrace.testing.conformance.enough import is_too_little, is_too_much
from headrace.testing.conformance.function import ScriptedFunction
from headrace.testing.conformance.requirement import QUEUES, Requirement

_LONGEST_SECONDS = 120.0
_ENDING_SECONDS = 60.0
# A stream is asked each second; and what is expected is given more time than what is not.
_QUIET_SECONDS = 2.5
_LATE_SECONDS = 15.0


class Running:
    """A run; it begins with the context, and has ended with it.

    Args:
        function: what it invokes.
        source: what it reads.
        settings: of the mapping.
    """

    def __init__(
        self, function: Callable[..., Any], source: Source, settings: MappingSettings
    ) -> None:
        self._stats, self._stop = Stats(), Stop()
        self._broken: list[Exception] = []

        def guarded() -> None:
            try:
                run(function, source, settings, stats=self._stats, stop=self._stop)
            except Exception as error:  # noqa: BLE001 - raised where it was waited for
                self._broken.append(error)

        self._thread = threading.Thread(target=guarded, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Raise what broke it, or TimeoutError if it does not end."""
        self._stop.request()
        self._thread.join(_ENDING_SECONDS)
        if self._broken:
            raise self._broken[0]
        if self._thread.is_alive():
            raise TimeoutError("the runner does not end")

    def rest(
        self, requirement: Requirement, function: ScriptedFunction, arrivals: Arrivals
    ) -> None:
        """Write what comes later, and wait until nothing more happens.

        Args:
            requirement: says what is still to come.
            function: notes what has come.
            arrivals: what is still to be written, on a clock that begins now.
        """
        begun = since = time.monotonic()
        before: object = None
        while self._thread.is_alive() and (now := time.monotonic()) - begun < _LONGEST_SECONDS:
            arrivals.until(now - begun)
            state = self._state(function)
            if state != before or arrivals.next_at is not None or self._is_busy(requirement):
                before, since = state, now
            if is_too_much(requirement, function.invocations[:]):
                return
            late = is_too_little(requirement, function.invocations[:]) * _LATE_SECONDS
            if now - since > _QUIET_SECONDS + late:
                return
            time.sleep(0.05)

    def _state(self, function: ScriptedFunction) -> object:
        counts = self._stats.snapshot()
        return (
            len(function.invocations),
            counts.polled,
            counts.done,
            counts.committed,
            counts.retried,
        )

    def _is_busy(self, requirement: Requirement) -> bool:
        """Return whether something is held that is not done."""
        told = self._stats.snapshot()
        if requirement.source in QUEUES:  # what comes again is counted again
            return any(place.in_flight or place.buffered for place in told.partitions)
        return told.polled > told.committed
