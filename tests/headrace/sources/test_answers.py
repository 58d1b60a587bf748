"""What a waiting caller gets."""

import base64
import json
from http import HTTPStatus

import pytest

from headrace.errors import Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import Record, RequestPosition
from headrace.reply import Reply
from headrace.sources.direct import Direct
from headrace.sources.http import Http

RECORD = Record("http", RequestPosition("r"), b"{}")


def outcomes(result=None, failure=None):
    done = Outcomes([RECORD])
    done.keep(0, result)
    if failure:
        done.fail(0, failure)
    return done


def test_a_value_is_json():
    response = Http().respond(outcomes({"a": 1}))
    assert response == {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": '{"a":1}',
        "isBase64Encoded": False,
    }


def test_nothing_is_204():
    response = Http().respond(outcomes())
    assert (response["statusCode"], response["headers"], response["body"]) == (204, {}, "")


def test_bytes_travel_as_base64():
    reply = Reply(b"\x89PNG", "image/png", headers=(("cache-control", "no-store"),))
    response = Http().respond(outcomes(reply))
    assert base64.b64decode(response["body"]) == b"\x89PNG"
    assert response["isBase64Encoded"] is True
    assert response["headers"] == {"cache-control": "no-store", "content-type": "image/png"}


@pytest.mark.parametrize("kind", ["text/csv; charset=latin-1", "application/json"])
def test_text_that_is_not_utf_8_travels_as_base64(kind):
    response = Http().respond(outcomes(Reply(b"\x1f\x8b\xe9", kind)))
    assert base64.b64decode(response["body"]) == b"\x1f\x8b\xe9"
    assert (response["isBase64Encoded"], response["headers"]) == (True, {"content-type": kind})
    direct = Direct().respond(outcomes(Reply(b"\xe9", kind)))
    assert base64.b64decode(direct["body"]) == b"\xe9"


def test_a_reject_is_a_problem_that_explains_itself():
    failure = Reject("two faults", status=422, errors=["a", {"b": 1}])
    response = Http().respond(outcomes(failure=failure))
    assert response["statusCode"] == 422
    assert response["headers"] == {"content-type": "application/problem+json"}
    assert json.loads(response["body"]) == {
        "title": HTTPStatus(422).phrase,
        "status": 422,
        "detail": "two faults",
        "errors": ["a", {"b": 1}],
    }


def test_other_errors_tell_an_http_caller_nothing():
    response = Http().respond(outcomes(failure=RuntimeError("password=hunter2")))
    assert response["statusCode"] == 500
    assert "hunter2" not in json.dumps(response)


def test_a_direct_caller_gets_the_value_itself():
    assert Direct().respond(outcomes("anything")) == "anything"


def test_a_direct_caller_gets_a_reply_as_status_and_body():
    assert Direct().respond(outcomes(Reply(b'{"a": 1}'))) == {"statusCode": 200, "body": '{"a": 1}'}
    png = Direct().respond(outcomes(Reply(b"\x89", "image/png")))
    assert png["headers"] == {"content-type": "image/png"}
    assert base64.b64decode(png["body"]) == b"\x89"


def test_a_direct_caller_gets_a_reject_as_a_problem():
    response = Direct().respond(outcomes(failure=Reject("no")))
    assert response["statusCode"] == 400
    assert json.loads(response["body"])["detail"] == "no"


def test_other_errors_fail_a_direct_invocation():
    with pytest.raises(RuntimeError, match="broken"):
        Direct().respond(outcomes(failure=RuntimeError("broken")))
