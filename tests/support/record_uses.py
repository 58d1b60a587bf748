"""What people do with a record."""

import copy
import pickle

import msgspec

from headrace import json_text
from headrace.errors import Reject
from headrace.record import KafkaPosition, MessagePosition, Record, whole
from headrace.runner.function.child.wire import RunRecords, decode_request, encode, with_deadline


def matched(record):
    match record:
        case Record("kafka", KafkaPosition(topic, partition, offset), value, key=key):
            return topic, partition, offset, value, key
        case Record(source, MessagePosition(origin, name), value, headers=headers):
            return source, origin, name, value, headers
        case Record(source, position, timestamp=time):
            return source, position, time


def through_json(record):
    try:
        return json_text.encode({"of": record})
    except json_text.JsonError as error:
        return str(error)


def in_a_child(record):
    request, _ = decode_request(with_deadline(encode(RunRecords([whole(record)])), 1.0))
    return request


def as_msgpack(record):
    return msgspec.msgpack.encode(whole(record))


def in_a_dictionary(record):
    return {record: 1}


def content(record):
    try:
        return record.text(), record.json()
    except Reject as error:
        return str(error)


USES = [
    repr,
    hash,
    str,
    pickle.dumps,
    copy.copy,
    copy.deepcopy,
    matched,
    through_json,
    in_a_child,
    lambda record: record.__replace__(key=b"other"),
    lambda record: msgspec.structs.replace(whole(record), value=b"other"),
    lambda record: msgspec.structs.asdict(whole(record)),
    as_msgpack,
    lambda record: [*record.__rich_repr__()],
    lambda record: (record.timestamp, record.key, record.headers, record.value, record.source),
    lambda record: (record.id, record.position),
    lambda record: (record.request, record.value_schema, record.lag() is None),
    content,
    in_a_dictionary,
]
