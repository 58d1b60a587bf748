"""The check of one input: every fault named, nothing else refused."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tumor.features import FEATURES, MAX_NAME, MAX_UNKNOWN, Fault, FeatureError, pack

MAX_FLOAT32 = float(np.finfo(np.float32).max)
GOOD = dict.fromkeys(FEATURES, 1.5)


def faults(features):
    with pytest.raises(FeatureError) as caught:
        pack(features)
    return caught.value.faults


@given(
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=30, max_size=30)
)
def test_a_row_holds_the_numbers_in_the_order_of_the_features(numbers):
    row = pack(dict(zip(FEATURES, numbers, strict=True)))
    assert row == np.array(numbers, np.float32).tobytes()


@given(st.permutations(list(enumerate(FEATURES))))
def test_the_order_of_the_keys_does_not_matter(pairs):
    assert pack({name: place for place, name in pairs}) == struct.pack("=30f", *range(30))


@pytest.mark.parametrize("number", [0, -3, 10**30, -(10**38), 1e-320, MAX_FLOAT32, -0.0])
def test_integers_and_extreme_numbers_are_numbers(number):
    row = np.frombuffer(pack(GOOD | {"area_se": number}), np.float32)
    assert row[FEATURES.index("area_se")] == np.float32(number)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "not a number"),
        (False, "not a number"),
        ("1.5", "not a number"),
        (None, "not a number"),
        ([1.5], "not a number"),
        ({}, "not a number"),
        (1 + 2j, "not a number"),
        (float("nan"), "not finite"),
        (float("inf"), "not finite"),
        (-float("inf"), "not finite"),
        (1e39, "not finite"),
        (10**39, "not finite"),
        (-(10**400), "not finite"),
    ],
)
def test_a_wrong_value_is_named(value, problem):
    assert faults(GOOD | {"concave points_se": value}) == (Fault("concave points_se", problem),)


def test_infinities_that_cancel_are_still_found():
    wrong = {"area_se": float("inf"), "radius_se": -float("inf")}
    assert {fault.feature for fault in faults(GOOD | wrong)} == set(wrong)


def test_everything_that_is_wrong_is_in_one_error():
    features = GOOD | {"area_se": "big", "area_mean": float("nan"), "concave_points_mean": 1}
    del features["radius_worst"]
    with pytest.raises(FeatureError) as caught:
        pack(features)
    assert str(caught.value) == (
        "not finite: area_mean; not a number: area_se; missing: radius_worst;"
        " unknown: concave_points_mean"
    )


def test_an_empty_object_misses_all():
    assert [fault.feature for fault in faults({})] == list(FEATURES)


def test_an_error_is_bounded_whatever_the_input():
    with pytest.raises(FeatureError) as caught:
        pack(GOOD | {f"{number}" * 1000: 0 for number in range(5000)})
    error = caught.value
    assert len(error.faults) == MAX_UNKNOWN
    assert error.unnamed == 5000 - MAX_UNKNOWN
    assert all(len(fault.feature) <= MAX_NAME for fault in error.faults)
    assert len(str(error)) < 1000


@given(
    st.dictionaries(
        st.sampled_from([*FEATURES, "", "radius", "RADIUS_MEAN"]), st.floats() | st.text()
    )
)
def test_any_other_object_is_a_feature_error(features):
    assert faults(features)
