"""Batches with partial failures: nothing lost, nothing said twice, no key overtaken."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import NotDone
from headrace.sinks import Message
from headrace.sinks import partial_writes as batches
from headrace.sinks.base import ContentRefused, WriteFailed
from headrace.sinks.partial_writes import Entry, ServiceLimits, Transient

LIMITS = ServiceLimits(entries=3, request_bytes=10, entry_bytes=20)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(batches, "BACKOFF_SECONDS", 0.0)


def entry(index, message):
    queue = index if message.key is None else message.key
    return Entry(queue, len(message.value), {"index": index, "size": len(message.value)})


class Service:
    """Fails what the test's draws say, and keeps what it acknowledged in order."""

    def __init__(self, draw=lambda: None):
        self.draw = draw
        self.taken = []
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        answers = [self.draw() for _ in request]
        self.taken += [e["index"] for e, a in zip(request, answers, strict=True) if a is None]
        return answers


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.builds(
            Message,
            st.sampled_from([None, b"a", b"b", b"c"]),
            st.integers(0, 25).map(lambda size: b"x" * size),
        ),
        max_size=20,
    ),
    st.data(),
)
def test_any_pattern_of_failures_keeps_order_and_loses_nothing(messages, data):
    kinds = st.sampled_from([None, None, None, Transient("busy"), WriteFailed("bad")])
    service = Service(lambda: data.draw(kinds))
    failures = batches.write(messages, entry, service, LIMITS, 60)

    assert sorted(service.taken) == [i for i, failure in enumerate(failures) if failure is None]
    assert max(Counter(service.taken).values(), default=1) == 1
    for key in (b"a", b"b", b"c"):
        of_key = [i for i, message in enumerate(messages) if message.key == key]
        done = [i for i in service.taken if i in of_key]
        assert done == of_key[: len(done)]  # a prefix, in order: none overtook a failed one
        if len(done) < len(of_key):
            first, *others = of_key[len(done) :]
            assert not isinstance(failures[first], NotDone)
            assert all(isinstance(failures[i], NotDone) for i in others)
    for request in service.requests:
        assert len(request) <= LIMITS.entries
        assert len(request) == 1 or sum(e["size"] for e in request) <= LIMITS.request_bytes


def test_too_large_a_message_fails_alone_and_says_its_size():
    service = Service()
    messages = [Message(None, b"1"), Message(None, b"x" * 21), Message(None, b"3")]
    failures = batches.write(messages, entry, service, LIMITS, 60)
    assert [failures[0], failures[2]] == [None, None]
    assert "21 bytes" in str(failures[1])
    assert service.taken == [0, 2]


def test_a_refused_request_is_halved_until_the_guilty_entry_is_alone():
    def put(request):
        if any(e["index"] == 1 for e in request):
            raise ContentRefused("validation error")
        return [None] * len(request)

    failures = batches.write([Message(None, b"1")] * 6, entry, put, LIMITS, 60)
    assert [str(failure) for failure in failures if failure] == ["validation error"]
    assert isinstance(failures[1], ContentRefused)


def test_a_busy_service_is_asked_again():
    answers = [Transient("slow down"), Transient("slow down")]

    def put(request):
        if answers:
            raise answers.pop()
        return [None] * len(request)

    assert batches.write([Message(b"a", b"1")] * 2, entry, put, LIMITS, 60) == [None] * 2


def test_a_service_that_cannot_be_used_ends_the_writing_with_its_reason():
    calls = []

    def put(request):
        calls.append(request)
        if len(calls) == 2:
            raise ConnectionError("gone")
        return [None] * len(request)

    failures = batches.write([Message(None, b"1")] * 9, entry, put, LIMITS, 60)
    assert failures[:3] == [None] * 3
    assert {str(failure) for failure in failures[3:]} == {"gone"}
    assert len(calls) == 2


def test_after_the_timeout_what_is_left_fails_with_the_last_word_of_the_service(monkeypatch):
    clock = iter([0.0, *[5.0] * 4, *[11.0] * 99])
    monkeypatch.setattr(batches.time, "monotonic", lambda: next(clock))
    service = Service(lambda: Transient("slow down"))
    failures = batches.write([Message(b"a", b"1")] * 2, entry, service, LIMITS, 10)
    assert str(failures[0]) == "slow down"
    assert str(failures[1]) == "not acknowledged in time"


def test_a_throttled_service_is_given_time(monkeypatch):
    """Waits grow twofold up to a limit, with full jitter, and start anew after progress."""
    waits = []
    monkeypatch.setattr(batches, "BACKOFF_SECONDS", 0.1)
    monkeypatch.setattr(batches.random, "uniform", lambda low, high: high)
    monkeypatch.setattr(batches.time, "sleep", waits.append)
    answers = [Transient("busy")] * 6 + [None, Transient("busy"), None]
    service = Service(lambda: answers.pop(0))
    assert batches.write([Message(b"a", b"1")] * 2, entry, service, LIMITS, 60) == [None, None]
    assert waits == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.0, 3.0, 0, 0.2, 0])
