"""What TensorFlow makes: a SavedModel, served if it is asked for, and the TFLite files of it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from headrace import ModelWorker
from headrace.inference.publishing import publish
from headrace.runtimes.litert import LiteRt
from headrace.store.errors import PublishError
from headrace.store.publisher import Publisher
from headrace.testing import run
from tests.support.lazily import Lazily

tf = Lazily("tensorflow")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("trials_without_keras"),
]


class Mine(ModelWorker):
    """Twice the sum of a row, and a word."""

    model = "mine"


def save(folder, batch):
    """Save a function of rows; `batch` is how many it takes, None for any number."""
    module = tf.Module()
    module.weights = tf.Variable([[2.0], [2.0], [2.0]])

    def double(rows):
        return {"double": rows @ module.weights, "order": tf.argsort(rows, axis=1)}

    module.double = tf.function(
        double, input_signature=[tf.TensorSpec([batch, 3], tf.float32, "rows")]
    )
    tf.saved_model.save(module, str(folder), signatures=module.double)
    return folder


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    return Publisher(tmp_path / "models")


ROWS = [[1, 2, 3], [6, 5, 4], [0, 0, 0.5]]


def answers():
    result = run(Mine, [*ROWS, ["x"]])
    assert set(result.rejects) == {3}
    return result.results[:3]


EXPECTED = [
    {"double": 12.0, "order": [0, 1, 2]},
    {"double": 30.0, "order": [2, 1, 0]},
    {"double": 1.0, "order": [0, 1, 2]},
]


def test_a_saved_model_is_served_if_it_is_asked_for(publisher, tmp_path):
    folder = save(tmp_path / "exported", None)
    with pytest.raises(PublishError, match="ask for it with --runtime tensorflow"):
        publish(publisher, "mine", [folder])

    samples = b'{"input": [1, 2, 3], "output": {"double": 12}}\n'
    version = publish(publisher, "mine", [folder], runtime="tensorflow", samples=samples)

    assert version.manifest.libraries == {"tensorflow-cpu|tensorflow": ">=2.16,<3"}
    assert answers() == EXPECTED


def test_one_that_reaches_outside_is_not_published(publisher, tmp_path):
    module = tf.Module()
    module.peek = tf.function(
        lambda rows: {"y": rows, "z": tf.io.read_file("/etc/hostname")},
        input_signature=[tf.TensorSpec([None, 3], tf.float32, "rows")],
    )
    tf.saved_model.save(module, str(tmp_path / "peeks"), signatures=module.peek)

    with pytest.raises(PublishError, match="operations that are not allowed: ReadFile"):
        publish(publisher, "mine", [tmp_path / "peeks"], runtime="tensorflow")


@pytest.mark.parametrize("batch", [None, 1])
def test_a_tflite_file_takes_many_rows_or_one_at_a_time(publisher, tmp_path, batch):
    folder = save(tmp_path / "exported", batch)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    (tmp_path / "mine.tflite").write_bytes(converter.convert())

    publish(publisher, "mine", [tmp_path / "mine.tflite"])

    assert answers() == EXPECTED
    assert answers() == EXPECTED  # whatever the sizes of the batch before
    assert np.isclose(run(Mine, [[1, 1, 1]]).results[0]["double"], 6.0)


def test_answers_of_calls_at_once_are_each_ones_own(publisher, tmp_path):
    folder = save(tmp_path / "exported", None)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    runtime = LiteRt(converter.convert())
    (name,) = runtime.inputs

    def ask(number):
        rows = np.full((1 + number % 3, 3), number, np.float32)
        return {key: value.tolist() for key, value in runtime.run({name: rows}).items()}

    alone = [ask(number) for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(100))) == alone
