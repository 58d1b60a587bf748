"""Numbers that a training cannot do with are told before it begins."""

import argparse

import pytest

from training import numbers


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (numbers.whole(1), "0", "0 is not from 1 on"),
        (numbers.seed, "-1", "-1 is not from 0 to 4294967295"),
        (numbers.seed, "4294967296", "4294967296 is not from 0 to 4294967295"),
        (numbers.positive, "0", "0 is not above 0"),
        (numbers.positive, "nan", "nan is not above 0"),
        (numbers.positive, "inf", "inf is not above 0"),
        (numbers.fraction, "1.1", "1.1 is not from 0 to 1"),
        (numbers.fraction, "nan", "nan is not from 0 to 1"),
    ],
)
def test_what_is_out_of_bounds_is_told(read, text, told):
    with pytest.raises(argparse.ArgumentTypeError) as error:
        read(text)
    assert str(error.value) == told


def test_what_is_within_them_is_read():
    assert [numbers.whole(1)("7"), numbers.seed("0"), numbers.positive("0.5")] == [7, 0, 0.5]
    assert [numbers.fraction("0"), numbers.fraction("1")] == [0, 1]
