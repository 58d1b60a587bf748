"""Tensors become answers, and answers are compared."""

import re

import numpy as np
import pytest

from headrace.inference.answers import answers_of, difference


def test_each_row_gets_its_part_of_every_output():
    outputs = {
        "label": np.array(["a", "b"], object),
        "score": np.array([[0.5], [0.25]], np.float32),
        "parts": np.array([[1, 2], [3, 4]]),
        "raw": np.array([b"x", b"\xff"], object),
    }

    assert answers_of(outputs, 2) == [
        {"label": "a", "score": 0.5, "parts": [1, 2], "raw": "x"},
        {"label": "b", "score": 0.25, "parts": [3, 4], "raw": "\\xff"},
    ]


def test_maps_of_classes_are_answered_with_keys_of_text():
    maps = [{0: np.float32(0.5), 1: np.float32(0.5)}, {0: 1.0, 1: 0.0}]

    assert answers_of({"p": maps}, 2) == [{"p": {"0": 0.5, "1": 0.5}}, {"p": {"0": 1.0, "1": 0.0}}]


def test_a_sequence_is_answered_by_its_items():
    parts = [np.array([1.0, 2.0]), np.array(3)]

    assert answers_of({"p": parts}, 2) == [{"p": [1.0, 2.0]}, {"p": 3}]


def test_one_row_of_several_values_is_one_answer():
    assert answers_of({"p": np.array([[1.0, 2.0]])}, 1) == [{"p": [1.0, 2.0]}]
    assert answers_of({"p": np.float32(3)}, 1) == [{"p": 3.0}]


def test_an_output_of_another_length_is_told():
    with pytest.raises(ValueError, match="output 'p' has 3 values for 2 rows"):
        answers_of({"p": np.zeros((3, 4))}, 2)


@pytest.mark.parametrize(
    ("expected", "actual", "told"),
    [
        ({"p": 1.0}, {"p": 1.0009}, None),
        ({"p": 1000.0}, {"p": 1000.9}, None),
        ({"p": 0.0}, {"p": 0.0009}, None),
        ({"p": 1.0}, {"p": 1.01}, "p is 1.01, not 1.0"),
        ({"p": [1.0, 2.0]}, {"p": [1.0, 3.0]}, r"p\[1\] is 3.0, not 2.0"),
        ({"p": [1.0, 2.0]}, {"p": [1.0]}, r"p is \[1.0\], not"),
        ({"p": {"a": 1}}, {"p": {"b": 1}}, "p is {'b': 1}"),
        ({"p": True}, {"p": 1}, "p is 1, not True"),
        ({"p": 1}, {"p": 1.0}, None),
        ({"p": "a"}, {"p": "b"}, "p is 'b', not 'a'"),
        ({"p": None}, {"p": None}, None),
        ({"p": 1}, {}, "it is {}, not {'p': 1}"),
        ({"p": float("nan")}, {"p": 1.0}, "p is 1.0, not nan"),
    ],
)
def test_answers_are_near_or_told_apart(expected, actual, told):
    found = difference(expected, actual, 1e-3)

    if told is None:
        assert found is None
    else:
        assert re.search(told, found)
