"""A URL as it may be shown."""

import pytest

from headrace.sinks.url import shown


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("file:out.jsonl", "file:out.jsonl"),
        ("kafka://h:1,g:2/t", "kafka://h:1,g:2/t"),
        ("kafka://h/t?sasl.password=a b&x=", "kafka://h/t?sasl.password=***&x=***"),
        ("kafka://h/t?sasl.password=a?b=c", "kafka://h/t?sasl.password=***"),
        ("kafka://h/t?secret", "kafka://h/t?***"),
        ("https://user:pass@h/x", "https://***@h/x"),
        ("sqs://queue?region=eu-west-1#x", "sqs://queue?region=***"),
    ],
)
def test_users_and_values_are_hidden(url, text):
    assert shown(url) == text
