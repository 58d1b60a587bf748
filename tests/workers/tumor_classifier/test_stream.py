"""The classifier on a stream: a batch is one prediction."""

import base64
import json

import orjson
import pytest

from headrace.handler import lambda_handler
from models.tumor.model import TumorModel
from tests.support.lazily import Lazily
from tests.support.models.tumor import EVENT
from workers.tumor_classifier import TumorClassifier

tumor_data = Lazily("training.tumor.data")


@pytest.fixture
def stream(root, tmp_path, monkeypatch):
    """A handler of a stream, with the files that its results and dead letters go to."""
    results, dead = tmp_path / "results", tmp_path / "dead"
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(root))
    monkeypatch.setenv("HEADRACE_SINK_URL", f"file:{results}")
    monkeypatch.setenv("HEADRACE_DEAD_LETTER_URL", f"file:{dead}")
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    handler = lambda_handler(TumorClassifier)
    yield handler, results, dead
    handler.close()


def kafka(values):
    messages = [
        {"topic": "t", "partition": 0, "offset": offset, "key": "a2V5"}
        | ({} if value is None else {"value": base64.b64encode(value).decode()})
        for offset, value in enumerate(values)
    ]
    return {"eventSource": "aws:kafka", "records": {"t-0": messages}}


def rows(count):
    return [row.features for row in tumor_data.all_rows()[:count]]


def test_a_batch_is_one_prediction_and_bad_records_are_their_own(stream, monkeypatch):
    handler, results, dead = stream
    calls, predict = [], TumorModel.predict
    handler.worker()
    monkeypatch.setattr(
        TumorModel, "predict", lambda self, batch: calls.append(len(batch)) or predict(self, batch)
    )
    values = [orjson.dumps(features | {"id": n}) for n, features in enumerate(rows(10))]
    values[3] = b"not JSON"
    values[5] = orjson.dumps(EVENT | {"area_se": "big"})
    values[8] = None

    assert handler(kafka(values)) == {"batchItemFailures": []}

    assert calls == [7]
    bodies = [json.loads(line)["value"] for line in results.read_text().splitlines()]
    assert [body["id"] for body in bodies] == [0, 1, 2, 4, 6, 7, 9]
    letters = dead.read_text().splitlines()
    assert len(letters) == 3
    assert "area_se" in letters[1]


def test_a_batch_answers_as_the_rows_alone_do(stream, handler):
    streaming, results, _ = stream
    features = rows(50)
    streaming(
        kafka([orjson.dumps(row | {"explain": n % 3 == 0}) for n, row in enumerate(features)])
    )
    bodies = [json.loads(line)["value"] for line in results.read_text().splitlines()]
    alone = [handler(row | {"explain": n % 3 == 0}) for n, row in enumerate(features)]
    assert [body["result"] for body in bodies] == [answer["result"] for answer in alone]
    for body, answer in zip(bodies, alone, strict=True):
        assert body.get("contributions") == pytest.approx(answer.get("contributions"), abs=1e-6)


def test_a_batch_of_nothing_but_bad_records(stream):
    handler, results, dead = stream
    assert handler(kafka([b"{}", b"", b"[]"])) == {"batchItemFailures": []}
    assert not results.exists() or not results.read_text()
    assert len(dead.read_text().splitlines()) == 3
