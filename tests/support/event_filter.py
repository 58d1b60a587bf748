"""A filter of one event pattern, given one record."""

import json

import orjson

from headrace.runner.filter.filter import Filter
from tests.support.runner import kafka_record, kinesis_record


def passes(pattern, value, source="kafka"):
    """Whether a record of this value passes; the value is JSON, or bytes as they are."""
    data = value if isinstance(value, bytes | None) else orjson.dumps(value)
    record = kafka_record(1, data) if source == "kafka" else kinesis_record("1", data)
    (passed,) = Filter.parse(json.dumps([pattern]), source)([record])
    return passed
