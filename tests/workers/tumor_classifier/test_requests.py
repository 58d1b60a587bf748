"""The classifier as a waiting caller sees it: any order of keys, and what is wrong by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.store.model_store import ModelStore
from models.tumor.features import FEATURES
from tests.support.lazily import Lazily
from tests.support.models.tumor import EVENT
from tests.support.tumor_requests import http, problem

tumor_data = Lazily("training.tumor.data")


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
