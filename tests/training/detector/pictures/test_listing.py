"""Some pictures are held out, always the same ones, and at least one with something on it."""

from pathlib import Path

import numpy as np
import pytest

from training.detector.pictures.listing import Picture, divide
from training.detector.pictures.reading import DatasetError


def pictures(names, without=()):
    return [
        Picture(
            Path(name),
            np.zeros((int(name not in without), 4), np.float32),
            np.zeros(int(name not in without), np.int64),
            (10, 10),
        )
        for name in names
    ]


def names(part):
    return {one.path.name for one in part}


@pytest.mark.parametrize("count", [2, 3, 5, 10, 40])
@pytest.mark.parametrize("name", ["p{}", "{}.jpg", "IMG_{}.png"])
def test_a_folder_of_any_size_is_divided(count, name):
    everything = pictures([name.format(number) for number in range(count)])

    labels, training, held_out = divide(("a",), everything)

    assert labels == ("a",)
    assert training
    assert held_out
    assert names(training) | names(held_out) == names(everything)
    assert not names(training) & names(held_out)


def test_what_is_held_out_does_not_depend_on_the_rest_of_the_folder():
    many = divide(("a",), pictures([f"{number}.jpg" for number in range(200)])).held_out
    half = divide(("a",), pictures([f"{number}.jpg" for number in range(100)])).held_out

    assert names(half) == {name for name in names(many) if int(name.removesuffix(".jpg")) < 100}


def test_the_one_that_is_held_out_shows_something():
    everything = [f"p{number}" for number in range(30)]
    shown = ("p0", "p1", "p2")
    blank = [name for name in everything if name not in shown]

    _, training, held_out = divide(("a",), pictures(everything, without=blank))

    assert any(len(one.labels) for one in held_out)
    assert any(len(one.labels) for one in training)


@pytest.mark.parametrize(
    ("given", "without", "told"),
    [
        ([], [], "objects on 0 of 0 pictures"),
        (["a"], [], "objects on 1 of 1 pictures: at least 2 are needed"),
        (["a", "b", "c"], ["b", "c"], "objects on 1 of 3 pictures: at least 2 are needed"),
    ],
)
def test_too_few_pictures_are_told_with_how_many_are_needed(given, without, told):
    with pytest.raises(DatasetError, match=told):
        divide(("a",), pictures(given, without))
