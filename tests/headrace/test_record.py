"""Records read their value, or say in one line why they cannot."""

import pytest

from headrace.errors import Reject
from headrace.record import KafkaPosition, Record


def record(value):
    return Record("kafka", KafkaPosition("t", 0, 1), value)


def test_json_and_text():
    assert record(b'{"a": [1, null]}').json() == {"a": [1, None]}
    assert record("Zürich".encode()).text() == "Zürich"


@pytest.mark.parametrize(
    ("value", "read", "complaint"),
    [
        (b"{", "json", "value is not JSON"),
        (b"\xff", "json", "value is not JSON"),
        (b"ab\xff", "text", "value is not UTF-8: .* at byte 2"),
        (None, "json", "tombstone"),
        (None, "text", "tombstone"),
    ],
)
def test_what_cannot_be_read_is_rejected(value, read, complaint):
    with pytest.raises(Reject, match=complaint):
        getattr(record(value), read)()
