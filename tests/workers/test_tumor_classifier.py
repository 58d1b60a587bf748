"""The classifier as its callers see it: any order of keys, any input, batches, hot reload."""

import base64
import json
import random
import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.handler import lambda_handler
from headrace.store.model_store import ModelStore
from models.tumor.features import FEATURES
from models.tumor.model import TumorModel
from tests.support.lazily import Lazily
from tests.support.models import tumor as support
from tests.support.models.tumor import EVENT
from workers.tumor_classifier import TumorClassifier

tumor_data = Lazily("training.tumor.data")

FUZZED_EVENTS = 10_000


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    support.publish(root)
    return root


@pytest.fixture(scope="module")
def handler(root):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADRACE_MODEL_ROOT", str(root))
        handler = lambda_handler(TumorClassifier)
        handler.worker()
    return handler


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


def http(body, *, encoded=False):
    if encoded:
        body = base64.b64encode(body.encode()).decode()
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": "POST", "path": "/"}, "requestId": "r"},
        "headers": {"content-type": "application/json"},
        "body": body,
        "isBase64Encoded": encoded,
    }


def kafka(values):
    messages = [
        {"topic": "t", "partition": 0, "offset": offset, "key": "a2V5"}
        | ({} if value is None else {"value": base64.b64encode(value).decode()})
        for offset, value in enumerate(values)
    ]
    return {"eventSource": "aws:kafka", "records": {"t-0": messages}}


def problem(response):
    assert response["statusCode"] == 400
    assert response["headers"]["content-type"] == "application/problem+json"
    document = json.loads(response["body"])
    assert document["status"] == 400
    return document


# A waiting caller


def test_the_reference_event(handler):
    assert handler(EVENT) == {"result": "B"}


def test_a_malignant_row(handler):
    rows = [row.features for row in tumor_data.all_rows() if row.truth == "M"]
    answers = [handler(row)["result"] for row in rows[:20]]
    assert answers.count("M") >= 18


@given(st.permutations(list(EVENT.items())))
def test_any_order_of_the_keys(handler, pairs):
    assert handler(dict(pairs)) == {"result": "B"}


@pytest.mark.parametrize("encoded", [False, True])
def test_http(handler, encoded):
    response = handler(http(json.dumps(EVENT), encoded=encoded))
    assert response["statusCode"] == 200
    assert json.loads(response["body"]) == {"result": "B"}


@pytest.mark.parametrize("identity", ["row 7", "", 0, -3, 2**60])
def test_an_id_comes_back(handler, identity):
    assert handler(EVENT | {"id": identity}) == {"result": "B", "id": identity}


def test_an_explanation_adds_up(handler, root):
    answer = handler(EVENT | {"explain": True, "id": 7})
    assert answer["result"] == "B"
    assert answer["id"] == 7
    assert answer["model_version"] == ModelStore(root).resolve("tumor")
    assert list(answer["contributions"]) == list(FEATURES)
    total = sum(answer["contributions"].values()) + answer["bias"]
    assert total == pytest.approx(answer["margin"], abs=1e-5)
    assert answer["probability"] == pytest.approx(1 / (1 + 2.718281828 ** -answer["margin"]))
    assert answer["probability"] < 0.4
    json.dumps(answer)


def test_no_explanation_unless_asked(handler):
    assert handler(EVENT | {"explain": False, "id": None}) == {"result": "B"}


def test_every_wrong_feature_is_named_in_one_answer(handler):
    event = EVENT | {"area_se": "20", "radius_se": True, "concave_points_mean": 1}
    del event["texture_mean"]
    document = problem(handler(event))
    assert {(fault["feature"], fault["problem"]) for fault in document["errors"]} == {
        ("area_se", "not a number"),
        ("radius_se", "not a number"),
        ("texture_mean", "missing"),
        ("concave_points_mean", "unknown"),
    }
    assert "texture_mean" in document["detail"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1e39"])
def test_a_number_that_is_not_finite_is_named(handler, number):
    body = json.dumps(EVENT).replace("13.49", number)
    document = problem(handler(http(body)))
    assert document["errors"] == [{"feature": "radius_mean", "problem": "not finite"}]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 10**39])
def test_a_direct_caller_of_python_may_send_more_than_json_holds(handler, value):
    (error,) = problem(handler(EVENT | {"radius_mean": value}))["errors"]
    assert error["feature"] == "radius_mean"


@pytest.mark.parametrize("field", [{"explain": 1}, {"explain": "yes"}, {"id": 1.5}, {"id": True}])
def test_a_wrong_option_is_named(handler, field):
    assert next(iter(field)) in problem(handler(EVENT | field))["detail"]


@pytest.mark.parametrize("event", [{}, [], None, 3, "text", [EVENT], {"url": "https://x"}])
def test_another_event_is_a_bad_request(handler, event):
    problem(handler(event))


@pytest.mark.parametrize("body", [None, "", "{", "[]", "null", '"B"', "\x00", "[" * 100_000])
def test_another_body_is_a_bad_request(handler, body):
    problem(handler(http(body)))


# Fuzzing

ODD = [
    None,
    True,
    "",
    "1",
    [],
    {},
    float("nan"),
    float("inf"),
    1e39,
    10**30,
    10**400,
    -1,
    0,
    "\ud800",
]
NAMES = ["", "id", "explain", "radius", "Radius_mean", "\ud800", "é" * 500, "__proto__", "0"]


def fuzzed_features(chance):
    """The reference event with nothing, something or everything wrong; and whether it is good."""
    event, good = dict(EVENT), True
    pairs = list(event.items())
    chance.shuffle(pairs)
    event = dict(pairs)
    for name in chance.sample(FEATURES, chance.choice([0, 0, 1, 1, 2, 30])):
        kind = chance.randrange(3)
        if kind == 0:
            event[name] = chance.uniform(-1e30, 1e30)
        elif kind == 1:
            event[name], good = chance.choice(ODD[:9]), False
        else:
            del event[name]
            good = False
    if chance.random() < 0.2:
        event[chance.choice(NAMES)] = chance.choice(ODD)
        good = None  # depends on what was hit
    return event, good


def fuzzed_json(chance):
    """Any JSON value, sometimes a damaged text."""
    event, good = fuzzed_features(chance)
    text = json.dumps(event)
    kind = chance.randrange(4)
    if kind == 0:
        return text, good
    if kind == 1:
        return text[: chance.randrange(len(text))], False
    if kind == 2:
        place = chance.randrange(len(text))
        return text[:place] + chr(chance.randrange(0xD800)) + text[place + 1 :], None
    return json.dumps(chance.choice([*ODD, [event], {"body": event}])), False


def test_ten_thousand_fuzzed_events_are_answered(handler):
    chance = random.Random(20)
    statuses = {200: 0, 400: 0}
    for number in range(FUZZED_EVENTS):
        if number % 2:
            body, good = fuzzed_json(chance)
            response = handler(http(body, encoded=chance.random() < 0.3))
            status = response["statusCode"]
        else:
            event, good = fuzzed_features(chance)
            response = handler(event)
            status = response.get("statusCode", 200)
        if status == 400:
            problem(response)
            assert len(response["body"]) < 10_000
        else:
            answer = json.loads(response["body"]) if number % 2 else response
            assert answer["result"] in ("B", "M")
        assert good is None or good == (status == 200), (number, good, response)
        statuses[status] += 1
    assert min(statuses.values()) > 500


# A stream


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


# Hot reload


def test_a_new_version_serves_without_a_restart(tmp_path, monkeypatch):
    old = support.publish(tmp_path, rounds=20)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path))
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "0.01")
    handler = lambda_handler(TumorClassifier)
    event = EVENT | {"explain": True}
    assert handler(event)["model_version"] == old.name

    new = support.publish(tmp_path, rounds=21)

    assert _serves(handler, event, new.name)


def test_a_bad_version_leaves_the_last_good_one_serving(tmp_path, monkeypatch, caplog):
    good = support.publish(tmp_path)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path))
    monkeypatch.setenv("HEADRACE_MODEL_REFRESH_SECONDS", "0")
    handler = lambda_handler(TumorClassifier)
    handler.worker()
    support.publish(tmp_path, files={"model.ubj": b""})
    limit = time.monotonic() + 60
    while "cannot load version" not in caplog.text and time.monotonic() < limit:
        assert handler(EVENT | {"explain": True})["model_version"] == good.name
        time.sleep(0.01)
    assert "did not load: model.ubj" in caplog.text


def test_no_model_is_said_at_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path))
    with pytest.raises(Exception, match="tumor"):
        lambda_handler(TumorClassifier)(EVENT)


def _serves(handler, event, version):
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if handler(event)["model_version"] == version:
            return True
        time.sleep(0.02)
    return False
