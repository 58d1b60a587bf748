"""What the classifier is asked: the thirty features, and two optional fields beside them.

`id`, a string or an integer, comes back with the answer; `explain`, true or false, asks for the
probability, the model's version and what each feature contributed.
"""

import json

import msgspec

from headrace.errors import Reject
from headrace.record import Record
from models.tumor.features import FeatureError, pack


class TumorRequest(msgspec.Struct, frozen=True, gc=False):
    """A valid request; `row` is 30 float32 in the order of the features."""

    row: bytes
    id: str | int | None
    explain: bool


def read_request(record: Record) -> TumorRequest | Reject:
    """Read a record. Returns, not raises, what is wrong with it: one of many in a batch."""
    try:
        return _parse(_decode(record))
    except FeatureError as error:
        return Reject(str(error), errors=msgspec.to_builtins(error.faults))
    except Reject as error:
        return error


def _decode(record: Record) -> object:
    try:
        return record.json()
    except Reject:
        # Many clients write NaN and Infinity, which are no JSON: say which features hold them.
        features = _lenient(record.value or b"")
        if isinstance(features, dict):
            _parse(features)
        raise


def _lenient(value: bytes) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _parse(value: object) -> TumorRequest:
    if not isinstance(value, dict):
        raise Reject("the value is not a JSON object of features")
    identity = value.pop("id", None)
    explain = value.pop("explain", False)
    row = pack(value)
    if isinstance(identity, bool) or not isinstance(identity, str | int | None):
        raise Reject("id is neither a string nor an integer")
    if not isinstance(explain, bool):
        raise Reject("explain is neither true nor false")
    return TumorRequest(row, identity, explain)
