"""XGBoost's own call for a table of float32: it answers as the package's `inplace_predict` does."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest

from headrace.runtimes.lean_xgboost import XGBoostError
from headrace.runtimes.xgboost import FEATURES, PREDICTION, XGBoost
from headrace.runtimes.xgboost_dense import contributions, margin, predict, predict_linear
from tests.support.lazily import Lazily

xgboost = Lazily("xgboost")

ROWS = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
ROWS[3, 1] = np.nan


def booster(**parameters):
    labels = np.digitize(ROWS[:, 0], (-0.5, 0.5))
    return xgboost.train({"nthread": 1, **parameters}, xgboost.DMatrix(ROWS, labels), 5)


@pytest.fixture(scope="module")
def regression():
    return booster()


@pytest.mark.parametrize(
    "rows",
    [ROWS, ROWS[:1], ROWS[:0], ROWS[::2], ROWS[:, ::-1], np.asfortranarray(ROWS), ROWS.tolist()],
    ids=["many", "one", "none", "every second", "columns turned", "by columns", "a list"],
)
def test_it_answers_as_the_package_does(regression, rows):
    expected = regression.inplace_predict(np.array(rows, np.float32), validate_features=False)

    found = predict(regression, rows)

    assert found.dtype == np.float32
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", ">f4"])
def test_numbers_of_another_type_are_taken(regression, dtype):
    rows = np.arange(40).reshape(10, 4) / 8
    expected = regression.inplace_predict(rows.astype(dtype).astype("float32"))

    assert np.array_equal(predict(regression, rows.astype(dtype)), expected)


@pytest.mark.parametrize("ask", [predict, margin, contributions])
def test_a_table_at_an_odd_address_is_taken(regression, ask):
    rows = np.frombuffer(b"?" + ROWS.tobytes(), np.uint8)[1:].view("<f4").reshape(ROWS.shape)
    assert not rows.flags.aligned

    assert np.array_equal(ask(regression, rows), ask(regression, ROWS))


def test_several_classes_are_several_columns():
    several = booster(objective="multi:softprob", num_class=3)

    found = predict(several, ROWS)

    assert found.shape == (200, 3)
    assert np.array_equal(found, several.inplace_predict(ROWS))


@pytest.mark.parametrize("count", [200, 1, 0])
def test_linear_models_answer_as_the_package_does(count):
    linear = booster(booster="gblinear")
    expected = linear.predict(xgboost.DMatrix(ROWS))

    assert np.array_equal(predict_linear(linear, ROWS[:count]), expected[:count])
    runtime = XGBoost(bytes(linear.save_raw("ubj")))
    assert np.array_equal(runtime.run({FEATURES: ROWS[:count]})[PREDICTION], expected[:count])


@pytest.mark.parametrize(
    "parameters",
    [{}, {"objective": "binary:logistic"}, {"objective": "multi:softprob", "num_class": 3}],
    ids=["regression", "two classes", "three classes"],
)
def test_margins_and_contributions_are_the_packages(parameters):
    two = parameters.get("objective") == "binary:logistic"
    labels = (ROWS[:, 0] > 0) if two else np.digitize(ROWS[:, 0], (-0.5, 0.5))
    data = xgboost.DMatrix(ROWS, labels)
    trained = xgboost.train({"nthread": 1, **parameters}, data, 5)

    assert np.array_equal(margin(trained, ROWS), trained.predict(data, output_margin=True))
    parts = contributions(trained, ROWS)
    assert np.array_equal(parts, trained.predict(data, pred_contribs=True))
    assert np.allclose(parts.sum(axis=-1), margin(trained, ROWS), atol=1e-4)


def test_contributions_leave_no_memory_behind(regression):
    rows = np.zeros((10_000, 4), np.float32)
    contributions(regression, rows)
    process = psutil.Process()
    before = process.memory_info().rss

    for _ in range(100):
        contributions(regression, rows)

    assert process.memory_info().rss - before < 10e6  # a hundred such tables have 16 MB


@pytest.mark.parametrize("ask", [predict, predict_linear, margin, contributions])
def test_another_number_of_features_is_refused(regression, ask):
    with pytest.raises(XGBoostError, match=r"3 vs\. 4"):
        ask(regression, ROWS[:, :3])


def test_an_answer_stays_when_the_next_is_asked_for(regression):
    first = predict(regression, ROWS[:2])
    kept = first.copy()

    predict(regression, -ROWS[:2])

    assert np.array_equal(first, kept)


def test_many_threads_get_each_their_own(regression):
    expected = predict(regression, ROWS)

    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda i: predict(regression, ROWS[i : i + 1])[0], [*range(200)] * 20)]

    assert np.array_equal(np.reshape(found, (20, 200)), np.tile(expected, (20, 1)))


def test_after_a_refusal_a_thread_is_answered_as_before(regression):
    expected = predict(regression, ROWS)
    with pytest.raises(XGBoostError):
        predict(regression, ROWS[:, :3])

    assert np.array_equal(predict(regression, ROWS), expected)


def test_threads_that_end_leave_no_memory_behind(regression):
    def ask(threads):
        for _ in range(threads):
            thread = threading.Thread(target=predict, args=(regression, ROWS[:2]))
            thread.start()
            thread.join()

    ask(200)
    process = psutil.Process()
    before = process.memory_info().rss

    ask(2000)

    assert process.memory_info().rss - before < 1e6  # what they have had from XGBoost is 2.3 MB
