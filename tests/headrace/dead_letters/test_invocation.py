"""What an asynchronous invocation leaves behind is read, and put back as the message it came of."""

import json
from pathlib import Path

import msgspec
import pytest

from headrace.dead_letters.reading import decode
from headrace.runner.sqs.asynchronous.event import original_event

EVENTS = Path(__file__).parents[2] / "events"


def told(event, condition="RetriesExhausted", **more):
    """As AWS Lambda documents it."""
    return {
        "version": "1.0",
        "timestamp": "2026-03-01T12:00:00.000Z",
        "requestContext": {
            "requestId": "e4b46cbf",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:thumbs:$LATEST",
            "condition": condition,
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        **more,
    }


def read(*what, **more):
    return decode(json.dumps(told(*what, **more)).encode())


def test_a_letter_says_what_was_invoked_and_why_it_was_given_up():
    payload = {"errorMessage": "no such bucket", "errorType": "ValueError"}
    letter = read({"id": 1}, responsePayload=payload)
    assert letter.id == "thumbs:e4b46cbf"
    assert (letter.error_type, letter.error) == ("RetriesExhausted", "ValueError: no such bucket")
    assert letter.rejected_at == 1772366400000
    assert letter.record().json() == {"id": 1}


@pytest.mark.parametrize("response", [None, "text", {}, {"errorMessage": None}])
def test_without_an_error_there_is_none_in_the_letter(response):
    assert read({}, "EventAgeExceeded", responsePayload=response).error == ""


def test_half_a_surrogate_pair_is_read_and_put_back():
    """GIVEN an event and an error that were cut, THEN the letter is one, and the event is whole."""
    letter = read({"text": "cut\ud83d"}, responsePayload={"errorMessage": "cut, too\ud83d"})
    assert letter.record().json() == {"text": "cut\ud83d"}
    assert letter.error == "cut, too\ud83d"


@pytest.mark.parametrize("name", ["s3", "eventbridge", "eventbridge_s3"])
def test_an_event_is_put_back_as_it_was(name):
    event = json.loads((EVENTS / f"{name}.json").read_text())
    assert original_event(read(event).value) == event


def test_a_message_of_a_topic_is_put_back_in_its_envelope():
    envelope = {
        "Type": "Notification",
        "MessageId": "m1",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:orders",
        "Subject": "an order",
        "Message": '{"id": 1}',
        "Timestamp": "2026-03-01T12:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "tcc6",
        "SigningCertURL": "https://sns/x.pem",
        "UnsubscribeURL": "https://sns/?SubscriptionArn=arn:one",
        "MessageAttributes": {"trace": {"Type": "String", "Value": "abc"}},
    }
    event = original_event(json.dumps(envelope).encode())
    assert original_event(read(event).value) == event


@pytest.mark.parametrize("event", [None, 1, [], {"Records": []}, {"Records": [1]}])
def test_any_event_is_put_back(event):
    assert json.loads(read(event).value) == event


def test_what_is_done_is_no_dead_letter():
    with pytest.raises(msgspec.ValidationError, match="done"):
        read({}, "Success")
