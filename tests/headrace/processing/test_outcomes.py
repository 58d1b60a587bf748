"""Outcomes: each record has one, and a request that became no record has one, too."""

import pytest

from headrace.errors import NotDone, Reject
from headrace.processing.outcomes import Outcomes, Refused
from headrace.record import KafkaPosition, Record
from headrace.sources import NAMES, open_source

RECORDS = [Record("kafka", KafkaPosition("t", 0, offset), b"") for offset in range(3)]


def test_a_record_that_failed_is_not_done_whatever_was_noted_before():
    outcomes = Outcomes(RECORDS)
    outcomes.keep(0, "result")
    outcomes.reject(1, "why")
    for index in (0, 1):
        outcomes.fail(index, ValueError("no"))

    assert list(outcomes.not_done()) == RECORDS[:2]
    assert not outcomes.rejected


def test_only_what_failed_by_itself_is_an_error():
    error = ValueError("of its own")
    outcomes = Outcomes(RECORDS, {2: error})
    outcomes.fail(0, NotDone("held back"))

    assert outcomes.errors() == [(RECORDS[2], error)]


def test_a_refused_request_has_no_record_and_no_error_to_look_at():
    refused = Refused(Reject("the body is not base64"))

    assert refused.errors() == []
    assert list(refused.not_done()) == []


CALLERS = [name for name in NAMES if open_source(name).redelivery == "caller"]


@pytest.mark.parametrize("name", CALLERS)
def test_the_caller_of_a_refused_request_hears_why(name):
    response = open_source(name).respond(Refused(Reject("the body is not base64", status=422)))

    assert response["statusCode"] == 422
    assert "the body is not base64" in response["body"]
