"""What queues and topics carry for others: SNS envelopes, notifications of S3, events of a bus."""

import base64
import json
from pathlib import Path

import msgspec
import pytest

from headrace.record import MessagePosition, Record
from headrace.sources.envelopes import ENVELOPES, unwrap
from headrace.sources.firehose import Firehose
from headrace.sources.s3 import S3

EVENTS = Path(__file__).parents[2] / "events"
S3_EVENT = (EVENTS / "s3.json").read_text()


def message(body):
    return Record("sqs", MessagePosition("queue", "m1"), body.encode(), b"group")


def envelope(text):
    told = json.loads((EVENTS / "sns.json").read_text())["Records"][0]["Sns"]
    return json.dumps(told | {"Message": text})


def test_an_sns_envelope_gives_its_message_in_its_place():
    (record,) = unwrap([message(envelope('{"id": 1}'))], ["sns"])
    assert record.position == MessagePosition("queue", "m1")
    assert (record.json(), record.key) == ({"id": 1}, b"group")
    assert ("trace", b"abc") in record.headers


@pytest.mark.parametrize("wrap", [str, envelope])
def test_objects_of_s3_are_records_of_their_own(wrap):
    first, second = unwrap([message(wrap(S3_EVENT))], ENVELOPES)
    assert (first.position, second.position) == (
        MessagePosition("queue", "m1", 0),
        MessagePosition("queue", "m1", 1),
    )
    assert [first.value, second.value] == [r.value for r in S3().records(json.loads(S3_EVENT))]


def test_half_a_surrogate_pair_does_not_keep_an_envelope_closed():
    (record,) = unwrap([message(envelope("half \ud83d"))], ["sns"])
    assert record.value == "half \ud83d".encode(errors="surrogatepass")


def test_a_message_that_is_nested_too_deeply_stays_one_record():
    """It failed the whole batch, for ever."""
    deep = message('{"a":' * 5000 + "1" + "}" * 5000)
    assert unwrap([message("good"), deep], ENVELOPES) == [message("good"), deep]


def test_an_event_of_a_bus_is_a_record():
    body = (EVENTS / "eventbridge.json").read_text()
    (record,) = unwrap([message(body)], ["eventbridge"])
    assert record.json() == {"id": 1, "amount": 9.5}


def test_what_a_group_carries_keeps_the_group():
    body = (EVENTS / "eventbridge.json").read_text()
    (record,) = unwrap([message(body)], ["eventbridge"])
    assert record.key == b"group"
    alone = msgspec.structs.replace(message(S3_EVENT), key=None)
    assert unwrap([alone], ["s3"])[0].key == S3().records(json.loads(S3_EVENT))[0].key


def test_only_queues_and_topics_carry_others():
    """GIVEN records whose answer is theirs alone, THEN they stay one each."""
    told = json.loads((EVENTS / "firehose.json").read_text())
    told["records"][0]["data"] = base64.b64encode(S3_EVENT.encode()).decode()
    records = Firehose().records(told)
    assert unwrap(records, ENVELOPES) == records


def test_the_test_of_a_notification_holds_no_record():
    assert unwrap([message('{"Service": "Amazon S3", "Event": "s3:TestEvent"}')], ["s3"]) == []


@pytest.mark.parametrize(
    "body",
    [
        "text",
        "{",
        "[1]",
        '{"Type": "Notification"}',
        '{"Records": [{"eventSource": "aws:s3"}]}',
        '{"detail-type": 1, "detail": 2}',
    ],
)
def test_what_only_looks_like_an_envelope_stays_as_it_is(body):
    assert unwrap([message(body)], ENVELOPES) == [message(body)]


def test_what_is_not_asked_for_stays_closed():
    assert unwrap([message(S3_EVENT)], ["sns"]) == [message(S3_EVENT)]
