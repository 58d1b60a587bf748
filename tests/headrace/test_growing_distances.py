"""What goes on and on is told at once, and then ever more seldom."""

from headrace.growing_distances import GrowingDistances
from tests.support.partitions import Clock


def test_distances_double_up_to_an_hour_and_begin_anew():
    clock = Clock()
    distances = GrowingDistances(clock)
    told = []
    for second in range(30_000):
        if distances.is_due("a"):
            told.append(second)
        clock.now += 1.0
    assert told[:6] == [0, 1, 3, 7, 15, 31]
    assert told[-1] - told[-2] == 3600
    assert distances.is_due("b")
    distances.end("a")
    assert distances.is_due("a")
    assert not distances.is_due("b")
