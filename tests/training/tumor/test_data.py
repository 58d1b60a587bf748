"""The data set under the contract's names."""

import numpy as np
import pytest

from models.tumor.features import FEATURES
from tests.support.lazily import Lazily
from tests.support.models.tumor import EVENT

tumor_data = Lazily("training.tumor.data")


def test_names_are_the_contracts_in_its_order():
    assert list(EVENT) == list(FEATURES)
    assert FEATURES[7] == "concave points_mean"


def test_the_reference_event_is_a_benign_row():
    # The event comes from outside, so it proves that columns and labels are not mixed up.
    event = pytest.approx(EVENT, rel=1e-12)
    assert [row.truth for row in tumor_data.all_rows() if row.features == event] == ["B"]


def test_labels_count_as_published():
    rows = tumor_data.all_rows()
    assert [sum(row.truth == label for row in rows) for label in "BM"] == [357, 212]


def test_malignant_is_larger():
    data = tumor_data.load()
    radius = data.features[:, FEATURES.index("radius_worst")]
    assert radius[data.malignant == 1].mean() > 1.5 * radius[data.malignant == 0].mean()


def test_held_out_rows_are_a_stratified_fifth_that_training_does_not_hold():
    data = tumor_data.load()
    training, held_out = tumor_data.split(data)
    seen = {row.tobytes() for row in training.features}
    assert not any(row.tobytes() in seen for row in held_out.features)
    assert (len(training.malignant), len(held_out.malignant)) == (455, 114)
    assert abs(held_out.malignant.mean() - data.malignant.mean()) < 0.01
    messages = [list(row.features.values()) for row in tumor_data.held_out_rows()]
    assert np.array_equal(messages, held_out.features)


def test_digest_sees_every_number_and_label():
    data = tumor_data.load()
    digests = {data.digest()}
    data.features[568, 29] += 1e-9
    digests.add(data.digest())
    data.malignant[0] ^= 1
    digests.add(data.digest())
    assert len(digests) == 3
