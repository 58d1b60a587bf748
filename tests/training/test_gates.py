"""What may replace the model that serves, and what may not."""

import pytest

from training.gates import GateError, check

MINIMUMS = {"auc": 0.9, "recall": 0.8}
GOOD = {"auc": 0.95, "recall": 0.9, "auc_se": 0.01, "recall_se": 0.02}


@pytest.mark.parametrize("current", [None, GOOD, {}, {"unrelated": 5.0}])
def test_a_good_candidate_passes(current):
    check(GOOD, MINIMUMS, current)


def test_exactly_the_minimum_passes():
    check(MINIMUMS, MINIMUMS, None)


def test_every_failed_gate_is_named():
    with pytest.raises(GateError, match=r"^auc 0.8999 is below 0.9; recall 0.1000 is below 0.8$"):
        check({"auc": 0.8999, "recall": 0.1}, MINIMUMS, None)


def test_not_a_number_is_refused():
    with pytest.raises(GateError, match="auc"):
        check(GOOD | {"auc": float("nan")}, MINIMUMS, None)


def test_one_standard_error_below_the_current_passes_and_more_does_not():
    current = {"auc": 0.975, "auc_se": 0.025, "recall": 0.92, "recall_se": 0.02}
    check(GOOD, MINIMUMS, current)
    with pytest.raises(
        GateError, match=r"auc 0.9499 is worse than the current 0.9750 by more than"
    ):
        check(GOOD | {"auc": 0.9499}, MINIMUMS, current)


def test_the_candidates_own_spread_excuses_nothing():
    current = GOOD | {"auc": 0.97}
    with pytest.raises(GateError, match="worse than the current"):
        check(GOOD | {"auc_se": 1.0}, MINIMUMS, current)
