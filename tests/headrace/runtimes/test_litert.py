"""How calls of one TFLite file share the processors."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from headrace.runtimes import litert
from headrace.runtimes.lite_graph import LiteGraph
from tests.support.models.postprocessed_tflite import tflite

MODEL = tflite(3, (0, 1))
IMAGE = {"image": np.zeros((1, 8, 8, 3), np.float32)}


class Graphs:
    """The graphs that are made; their calls begin, and end when they may."""

    def __init__(self):
        self.threads = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.broken = None

    def make(self, model, threads):
        if self.broken:
            raise self.broken
        self.threads.append(threads)
        graph = LiteGraph(model, threads)
        run = graph.run

        def begin_and_end(inputs):
            self.begun.release()
            assert self.may_end.acquire(timeout=30)
            return run(inputs)

        graph.run = begin_and_end
        return graph


@pytest.fixture
def graphs(monkeypatch):
    found = Graphs()
    monkeypatch.setattr(litert, "LiteGraph", found.make)
    monkeypatch.setattr(litert, "usable_cpus", lambda: 3)
    return found


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as found:
        yield found


def test_a_call_that_is_alone_has_all_processors(graphs):
    runtime = litert.LiteRt(MODEL)
    graphs.may_end.release(3)

    for _ in range(3):
        assert len(runtime.run(IMAGE)) == 4

    assert graphs.threads == [3]


def test_calls_at_once_have_a_processor_each_and_the_others_wait(graphs, pool):
    runtime = litert.LiteRt(MODEL)

    answers = [pool.submit(runtime.run, IMAGE) for _ in range(8)]
    begun = [graphs.begun.acquire(timeout=30) for _ in range(3)]
    assert all(begun)
    assert not graphs.begun.acquire(timeout=0.1)
    graphs.may_end.release(8)

    assert all(len(answer.result(30)) == 4 for answer in answers)
    assert sorted(graphs.threads) in ([1, 1, 3], [1, 1, 1, 3])  # the last ones find none alone
    graphs.may_end.release()
    made = len(graphs.threads)
    runtime.run(IMAGE)
    assert len(graphs.threads) == made


def test_on_one_processor_calls_take_turns(graphs, pool, monkeypatch):
    monkeypatch.setattr(litert, "usable_cpus", lambda: 1)
    runtime = litert.LiteRt(MODEL)
    graphs.may_end.release(8)

    answers = [pool.submit(runtime.run, IMAGE) for _ in range(8)]

    assert all(len(answer.result(30)) == 4 for answer in answers)
    assert graphs.threads == [1]


def test_a_call_without_a_graph_takes_nobodys_turn(graphs, pool):
    runtime = litert.LiteRt(MODEL)
    first = pool.submit(runtime.run, IMAGE)
    assert graphs.begun.acquire(timeout=30)
    graphs.broken = MemoryError("no memory")

    for _ in range(5):
        with pytest.raises(MemoryError):
            runtime.run(IMAGE)
    graphs.may_end.release(2)

    assert len(first.result(30)) == 4
    assert len(runtime.run(IMAGE)) == 4
