"""Records that are read when they are asked for, beside the same ones that were read at once."""

from collections.abc import Callable
from typing import NamedTuple

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE, Message
from hypothesis import strategies as st

from headrace.json_text import encode
from headrace.kafka.records import to_records
from headrace.record import DynamoDbPosition, KafkaPosition, MessagePosition, Record
from headrace.sources.documentdb import DocumentDb
from headrace.sources.dynamodb import DynamoDb
from headrace.sources.sqs import Sqs


class Both(NamedTuple):
    """A record in both forms; `late` makes a new one that nobody has asked for anything yet."""

    late: Callable[[], Record]
    early: Record


TIMES = st.none() | st.integers(0, 2**40)
TEXTS = st.text(max_size=5)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=5,
)


@st.composite
def kafka(draw):
    value, key = draw(st.none() | st.binary(max_size=20)), draw(st.none() | st.binary(max_size=5))
    headers = draw(st.lists(st.tuples(st.text(max_size=3), st.binary(max_size=3)), max_size=2))
    partition, offset = draw(st.integers(0, 3)), draw(st.integers(0, 2**62))
    time = draw(TIMES)

    def late():
        kind = TIMESTAMP_NOT_AVAILABLE if time is None else TIMESTAMP_CREATE_TIME
        place = {"topic": "t", "partition": partition, "offset": offset}
        message = Message(
            value=value, key=key, headers=list(headers), timestamp=(kind, time or 0), **place
        )
        return to_records([message]).records[0]

    position = KafkaPosition("t", partition, offset)
    return Both(late, Record("kafka", position, value, key, tuple(headers), time))


@st.composite
def sqs(draw):
    body, group, count, time = draw(TEXTS), draw(TEXTS), draw(st.integers(1, 3)), draw(TIMES)
    own = draw(st.dictionaries(st.text(min_size=1, max_size=3), TEXTS, max_size=2))
    attributes = {"ApproximateReceiveCount": str(count), "MessageGroupId": group}
    if time is not None:
        attributes["SentTimestamp"] = str(time)
    message = {
        "messageId": "m1",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {name: {"stringValue": text} for name, text in own.items()},
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders.fifo",
    }
    headers = [(name, text.encode()) for name, text in own.items()]
    early = Record(
        "sqs",
        MessagePosition("orders.fifo", "m1"),
        body.encode(),
        group.encode() or None,
        (*headers, ("aws.receive-count", str(count).encode())),
        time,
    )
    return Both(lambda: Sqs().records({"Records": [message]})[0], early)


@st.composite
def dynamodb(draw):
    number, seconds = str(draw(st.integers(0, 2**70))), draw(st.none() | st.integers(0, 2**31))
    names = draw(st.sets(TEXTS, min_size=1, max_size=2))
    change = {"Keys": {name: {"S": name} for name in names}, "SequenceNumber": number}
    if seconds is not None:
        change["ApproximateCreationDateTime"] = seconds
    message = {
        "eventName": "MODIFY",
        "dynamodb": {**change, "NewImage": draw(JSON)},
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026",
    }
    early = Record(
        "dynamodb",
        DynamoDbPosition("orders", "", number),
        encode(message),
        encode(dict(sorted(change["Keys"].items()))),
        (),
        None if seconds is None else seconds * 1000,
    )
    return Both(lambda: DynamoDb().records({"Records": [message]})[0], early)


@st.composite
def documentdb(draw):
    key = draw(st.none() | st.dictionaries(TEXTS, JSON, max_size=1))
    change = {
        "_id": {"_data": "t1"},
        "ns": {"db": "shop", "coll": "orders"},
        "documentKey": key,
        "fullDocument": draw(JSON),
    }
    early = Record(
        "documentdb",
        MessagePosition("shop.orders", "t1"),
        encode(change),
        encode(key) if key else None,
    )
    return Both(lambda: DocumentDb().records({"events": [{"event": change}]})[0], early)


RECORDS = {"kafka": kafka(), "sqs": sqs(), "dynamodb": dynamodb(), "documentdb": documentdb()}
