"""The adapter: a requirement on our runner, whose sources are in memory."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any, NamedTuple

from msgspec.structs import replace

from headrace.errors import SettingsError
from headrace.runner.function.errors import Throttled
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.way import Way, open_way
from headrace.testing.clock import VirtualClock
from headrace.testing.conformance.arrivals import Arrivals
from headrace.testing.conformance.function import ScriptedFunction
from headrace.testing.conformance.memory.bench import Bench
from headrace.testing.conformance.memory.dynamodb import DynamoDbBench
from headrace.testing.conformance.memory.kafka import KafkaBench
from headrace.testing.conformance.memory.kinesis import KinesisBench
from headrace.testing.conformance.memory.queues import run_queue
from headrace.testing.conformance.memory.steps import run_in_steps
from headrace.testing.conformance.memory.threads import run_in_threads
from headrace.testing.conformance.observed import Observed, Unsupported
from headrace.testing.conformance.ours.letters import failures_of
from headrace.testing.conformance.ours.properties import mapping_settings, read_properties
from headrace.testing.conformance.requirement import Requirement
from headrace.testing.memory_sink import MemorySink

_BENCHES: dict[str, Callable[[Requirement, MappingSettings], Bench]] = {
    "kafka": KafkaBench,
    "kinesis": KinesisBench,
    "dynamodb": DynamoDbBench,
}
_KINDS: dict[str, SourceKind] = {
    "kafka": "kafka",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "sqs": "sqs",
    "fifo": "sqs",
}


class Served(NamedTuple):
    """How the runner reaches the function: the function itself, or where it is."""

    handler: Any | None
    address: str | None


Serve = Callable[[ScriptedFunction], AbstractContextManager[Served]]


def in_process(function: ScriptedFunction) -> AbstractContextManager[Served]:
    """Have the function called as it is."""
    return nullcontext(Served(function, None))


class MemoryAdapter:
    """Runs our runner.

    Args:
        serve: brings the function to where the runner finds it.
        name: of the column.
        timeout: seconds of an invocation; with one, the function runs in a child process.
    """

    def __init__(
        self, serve: Serve = in_process, name: str = "Headrace", timeout: float | None = None
    ) -> None:
        self.name = name
        self._serve = serve
        self._timeout = timeout

    def run(self, requirement: Requirement) -> Observed:
        """Run a requirement. Raises Unsupported."""
        if requirement.source not in _KINDS:
            raise Unsupported(f"the runner does not read {requirement.source}")
        try:
            given = read_properties(requirement, _KINDS[requirement.source])
            settings = mapping_settings(given, function_timeout_seconds=self._timeout)
            if _KINDS[requirement.source] == "sqs":
                return self._run_queue(requirement, settings)
        except SettingsError as error:
            return Observed(refused=str(error))
        return self._run(requirement, settings)

    def _run_queue(self, requirement: Requirement, settings: MappingSettings) -> Observed:
        begun = time.monotonic()
        function = ScriptedFunction(
            requirement, lambda: time.monotonic() - begun, lambda: Throttled("busy")
        )
        with self._serve(function) as served:
            own = replace(settings, function=served.address)
            observed = run_queue(requirement, own, served.handler)
        observed.invocations = function.invocations
        observed.most_at_once = function.most_at_once
        return observed

    def _run(self, requirement: Requirement, settings: MappingSettings) -> Observed:
        script, clock = requirement.function, VirtualClock()
        by_threads = script.together > 1 or script.seconds > 0
        function = ScriptedFunction(
            requirement, time.monotonic if by_threads else clock, lambda: Throttled("busy")
        )
        letters = MemorySink() if settings.destination_url else None
        with ExitStack() as stack:
            bench = _BENCHES[requirement.source](requirement, settings)
            stack.callback(bench.close)
            served = stack.enter_context(self._serve(function))
            way = _way(stack, bench, replace(settings, function=served.address), served.handler)
            if by_threads:
                Arrivals(requirement, bench.write).until(0)
                run_in_threads(way, bench.kind, settings, script.together)
            else:
                arrivals = Arrivals(requirement, bench.write)
                run_in_steps(way, bench, arrivals, settings, letters, clock)
            positions = bench.positions()
        written = [message.value or b"" for message in letters.messages] if letters else []
        return Observed(
            invocations=function.invocations,
            most_at_once=function.most_at_once,
            positions=positions,
            failures=failures_of(written, requirement),
        )


def _way(stack: ExitStack, bench: Bench, settings: MappingSettings, handler: Any | None) -> Way:
    way = open_way(handler, bench.poller, bench.build, settings, bench.kind)
    stack.callback(getattr(way.invoke, "close", lambda: None))
    return way
