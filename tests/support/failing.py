"""Functions that fail where there is poison, as a whole or by what they report.

`WHOLE` is AWS's rule, for functions that answer for whole batches: nothing goes past a failure.
"""

from headrace.processing.outcomes import Outcomes
from headrace.runner.protocol.response import read_response
from tests.support.runner import kafka_record

WHOLE = {"isolate": False}


def batch_of(count: int):
    return [kafka_record(n, b"%d" % n, b"k%d" % (n % 3)) for n in range(count)]


def whole(poison=(), seen=None):
    """A function that fails as a whole where one of its records is poison."""

    def invoke(records):
        offsets = [record.position.offset for record in records]
        if set(poison) & set(offsets):
            raise ValueError("poison")
        if seen is not None:
            seen.extend(offsets)
        return Outcomes(records)

    return invoke


def partial(poison=(), seen=None):
    """A function that stops at the first poison and reports it."""

    def invoke(records):
        failures = None
        offsets = [record.position.offset for record in records]
        bad = next((n for n, offset in enumerate(offsets) if offset in poison), None)
        if bad is not None:
            item = {"partition": "orders-0", "offset": offsets[bad]}
            response = {"batchItemFailures": [{"itemIdentifier": item}]}
            failures = read_response(response, records)
        if seen is not None:
            seen.extend(offsets[:bad])
        return Outcomes(records, failures)

    return invoke
