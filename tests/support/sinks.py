"""Sinks that need no service, services that are told to fail, and AWS stand-ins."""

from hypothesis import strategies as st

from headrace.sinks.base import Message

REGION = "eu-west-1"


class ListSink:
    """Keeps what it is sent; fails the messages whose value `refuse` names."""

    def __init__(self, refuse=()):
        self.messages = []
        self.refuse = refuse

    def send(self, messages):
        failures = [OSError("refused") if m.value in self.refuse else None for m in messages]
        self.messages += [m for m, f in zip(messages, failures, strict=True) if f is None]
        return failures

    def close(self):
        pass


class Answers:
    """An AWS operation whose first answers are given; later ones acknowledge everything.

    Each answer is a function of the request's entries; it may raise.
    """

    def __init__(self, entries_name, acknowledge, *answers):
        self.entries_name = entries_name
        self.acknowledge = acknowledge
        self.answers = list(answers)
        self.requests = []

    def __call__(self, **arguments):
        entries = arguments[self.entries_name]
        self.requests.append(entries)
        return (self.answers.pop(0) if self.answers else self.acknowledge)(entries)


def texts():
    """Text that has an encoding."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def messages():
    """Any message: bytes that are text, JSON or neither, absent keys and values, any headers."""
    json = st.recursive(
        st.sampled_from([b"null", b"1.50", b'"\\u00e9"', '"é"'.encode(), b"[ ]", b'{"a":1}']),
        lambda inner: st.builds(lambda a, b: b"[" + a + b" , " + b + b"]", inner, inner),
        max_leaves=4,
    )
    data = st.none() | st.binary(max_size=20) | st.text(max_size=9).map(str.encode) | json
    space = st.sampled_from([b"", b" ", b"\t", b"\n", b"\r\n"])
    spaced = st.tuples(space, json, space).map(b"".join)
    headers = st.lists(st.tuples(texts(), st.binary(max_size=6)), max_size=4).map(tuple)
    return st.builds(Message, key=data, value=data | spaced, headers=headers, id=texts())
