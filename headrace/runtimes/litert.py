"""LiteRT: a TFLite file, 20 MB of packages, an answer within a third of a second."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from headrace.runtimes.base import Inputs, Outputs, Tensor
from headrace.runtimes.lite_graph import LiteGraph
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version

_MOST_AT_ONCE = 4  # each has the weights in a form of its own


def load(version: Version, artifact: str) -> "LiteRt":
    """Load a TFLite file of a version.

    Raises:
        VersionCorruptError: It is not one.
    """
    try:
        return LiteRt(version.read(artifact))
    except ValueError as error:
        reason = (str(error).strip().splitlines() or ["not a TFLite file"])[0]
        raise VersionCorruptError(f"{artifact} of {version.name}: {reason}") from error


class LiteRt:
    """A graph that any number of threads may use.

    A call that is alone has all processors. Calls that come at once have a share each, in graphs
    of their own, since the threads of one call wait for each other, and longer if others need the
    processors, too. These graphs are made when they are first needed.

    Args:
        model: the content of the file.

    Raises:
        ValueError: The content is not that of a TFLite file.
    """

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._at_once = min(usable_cpus(), _MOST_AT_ONCE)
        self._alone = LiteGraph(model, usable_cpus())
        self._beside: list[LiteGraph] = []  # that nobody uses
        self._running = 0
        self._change = threading.Condition()

    @property
    def inputs(self) -> Mapping[str, Tensor]:
        """What the graph takes, by name."""
        return self._alone.inputs

    @property
    def outputs(self) -> Mapping[str, Tensor]:
        """What the graph answers, by name."""
        return self._alone.outputs

    def run(self, inputs: Inputs) -> Outputs:
        """Answer the inputs; a graph with a free first size takes any number of rows."""
        with self._graph() as graph:
            return graph.run(inputs)

    @contextmanager
    def _graph(self) -> Iterator[LiteGraph]:
        """Lend the graph of a call, once it is its turn."""
        with self._change:
            is_alone = not self._running or self._at_once == 1
            while self._running == self._at_once:
                self._change.wait()
            self._running += 1
            graph = self._alone if is_alone else self._beside.pop() if self._beside else None
        try:
            graph = graph or LiteGraph(self._model, usable_cpus() // self._at_once)
            yield graph
        finally:
            with self._change:
                self._running -= 1
                if graph is not None and graph is not self._alone:
                    self._beside.append(graph)
                self._change.notify()


def usable_cpus() -> int:
    """Count the processors that this process may use: one thread each, none idle, none waiting."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
