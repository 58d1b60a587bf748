"""The loaded classifier: its answers, their explanation, and what it refuses to load."""

import numpy as np
import pytest

from headrace.store.errors import VersionCorruptError
from models.tumor.features import FEATURES, pack
from models.tumor.model import TumorModel, as_rows
from tests.support.lazily import Lazily
from tests.support.models import tumor as support

xgboost = Lazily("xgboost")
tumor_data = Lazily("training.tumor.data")


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return support.publish(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def model(version):
    return TumorModel.load(version)


@pytest.fixture(scope="module")
def rows():
    return tumor_data.load().features.astype(np.float32)


def test_the_reference_event_is_benign(model):
    probabilities = model.predict(as_rows([pack(support.EVENT)]))
    assert probabilities.shape == (1,)
    assert probabilities[0] < 0.2
    assert model.labels(probabilities) == ["B"]


def test_most_rows_are_answered_right(model, rows):
    truth = tumor_data.load().malignant
    answers = np.array(model.labels(model.predict(rows)))
    assert ((answers == "M") == truth).mean() > 0.95


def test_one_row_gets_the_same_answer_alone_and_in_a_batch(model, rows):
    together = model.predict(rows)
    alone = [model.predict(rows[index : index + 1])[0] for index in range(0, len(rows), 10)]
    assert np.array_equal(together[::10], alone)


def test_contributions_and_bias_add_up_to_the_margin(model, rows):
    explanation = model.explain(rows)
    assert explanation.contributions.shape == (len(rows), len(FEATURES))
    sums = explanation.contributions.sum(axis=1) + explanation.bias
    np.testing.assert_allclose(sums, explanation.margin, atol=1e-5)
    np.testing.assert_allclose(
        1 / (1 + np.exp(-explanation.margin)), model.predict(rows), atol=1e-6
    )


def test_a_contribution_follows_its_own_feature(model, rows):
    # Columns must not be shuffled: what moves when one feature moves is mostly that feature's part.
    low, high = rows[:1].copy(), rows[:1].copy()
    place = FEATURES.index("texture_worst")
    low[0, place], high[0, place] = 10, 45
    change = (model.explain(high).contributions - model.explain(low).contributions)[0]
    assert np.argmax(change) == place
    assert change[place] > 0


def test_labels_follow_the_threshold(model):
    below = np.nextafter(np.float32(model.threshold), np.float32(0))
    assert model.labels(np.array([below, model.threshold, 1], np.float32)) == ["B", "M", "M"]


def test_the_model_carries_its_version(model, version):
    assert model.version == version.name


def test_a_reader_reads_the_model_alone(tmp_path, monkeypatch):
    version = support.publish(tmp_path)
    read, original = [], type(version).read
    monkeypatch.setattr(
        type(version), "read", lambda self, path: read.append(path) or original(self, path)
    )
    TumorModel.load(version)
    assert read == ["model.ubj"]


def attributes(version, **changes):
    return {"tumor": version.manifest.attributes["tumor"] | changes}


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0.0},
        {"threshold": "0.5"},
        {"golden": []},
        {"golden": [{"row": [1.0], "margin": 0.0}]},
        {"unheard_of": 1},
    ],
)
def test_an_unusable_description_is_refused(version, tmp_path, wrong):
    other = support.publish(tmp_path, attributes=attributes(version, **wrong))
    with pytest.raises(VersionCorruptError, match=r"attributes\.tumor"):
        TumorModel.load(other)


def test_no_description_is_refused(tmp_path):
    with pytest.raises(VersionCorruptError, match=r"attributes\.tumor"):
        TumorModel.load(support.publish(tmp_path, attributes={}))


def test_another_answer_than_the_golden_one_is_refused(version, tmp_path):
    golden = version.manifest.attributes["tumor"]["golden"]
    golden = [sample | {"margin": sample["margin"] + 0.1} for sample in golden]
    other = support.publish(tmp_path, attributes=attributes(version, golden=golden))
    with pytest.raises(VersionCorruptError, match="golden"):
        TumorModel.load(other)


@pytest.mark.parametrize("content", [b"", b"{}", b"not a model", b"{" * 1000])
def test_what_is_no_booster_is_refused(tmp_path, content):
    with pytest.raises(VersionCorruptError, match=r"model\.ubj"):
        TumorModel.load(support.publish(tmp_path, files={"model.ubj": content}))


def test_a_cut_booster_is_refused(version, tmp_path):
    content = version.read("model.ubj")[:-100]
    with pytest.raises(VersionCorruptError, match=r"model\.ubj"):
        TumorModel.load(support.publish(tmp_path, files={"model.ubj": content}))


def test_a_booster_of_other_features_is_refused(tmp_path, rows):
    names = [name.upper() for name in FEATURES]
    data = xgboost.DMatrix(rows, tumor_data.load().malignant, feature_names=names, nthread=1)
    content = bytes(xgboost.train({"nthread": 1}, data, 1).save_raw("ubj"))
    with pytest.raises(VersionCorruptError, match="other features"):
        TumorModel.load(support.publish(tmp_path, files={"model.ubj": content}))
