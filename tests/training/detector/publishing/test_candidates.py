import numpy as np

from training.detector.evaluation.evaluate import Evaluation
from training.detector.publishing.candidates import EvaluatedFile, choose


def candidate(size, map_50, map_50_95, seconds):
    metrics = {"map_50": map_50, "map_50_95": map_50_95}
    return EvaluatedFile(
        b"x" * size, Evaluation(metrics, np.zeros((101, 1)), np.zeros(101)), seconds
    )


BEST = candidate(40, 0.95, 0.70, 0.010)


def test_the_smallest_that_is_as_good_and_as_fast_is_served():
    halves = candidate(20, 0.95, 0.70, 0.010)
    eighths = candidate(10, 0.9451, 0.6951, 0.0104)
    assert choose({"float32": BEST, "float16": halves, "int8": eighths}) == "int8"


def test_more_than_half_a_point_of_either_figure_is_too_much():
    halves = candidate(20, 0.95, 0.694, 0.010)
    eighths = candidate(10, 0.944, 0.70, 0.010)
    assert choose({"float32": BEST, "float16": halves, "int8": eighths}) == "float32"


def test_a_slower_file_is_not_served():
    halves = candidate(20, 0.95, 0.70, 0.010)
    eighths = candidate(10, 0.95, 0.70, 0.012)
    assert choose({"float32": BEST, "float16": halves, "int8": eighths}) == "float16"
