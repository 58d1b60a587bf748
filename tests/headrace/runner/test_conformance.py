"""The same cases through records and through the service's events end in the same way."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import Reject, Worker, lambda_handler
from headrace.dead_letters import reading
from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.function.open import open_invoker
from headrace.runner.protocol.events import kafka_event, kinesis_event
from headrace.runner.protocol.response import BadResponse, ReportedFailure, read_response
from headrace.runner.settings import MappingSettings
from headrace.sources import pick
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_sink import MemorySink
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import kafka_record, kinesis_record, run_memory

HEADERS = (("trace", b"\x00\x7f\x80\xff"), ("trace", b""), ("", b"x"))
FULL = kafka_record(7, b"\xff\x00", b"k", headers=HEADERS, timestamp=1_700_000_000_123)
KAFKA_RECORDS = [
    FULL,
    kafka_record(8, None, b"tombstone", timestamp=1),
    kafka_record(9, b"no key", timestamp=2),
    kafka_record(1_000, b"", b"", timestamp=3),
]


def test_the_kafka_event_reads_back_as_the_same_records():
    event = kafka_event(KAFKA_RECORDS, "h1:9092,h2:9092")
    assert pick(event).records(event) == KAFKA_RECORDS


def test_the_kafka_event_has_the_service_s_shape():
    assert kafka_event([FULL], "h:9092") == {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": "h:9092",
        "records": {
            "orders-0": [
                {
                    "topic": "orders",
                    "partition": 0,
                    "offset": 7,
                    "timestamp": 1_700_000_000_123,
                    "timestampType": "CREATE_TIME",
                    "key": "aw==",
                    "value": "/wA=",
                    "headers": [{"trace": [0, 127, -128, -1]}, {"trace": []}, {"": [120]}],
                }
            ]
        },
    }


def test_null_keys_and_values_are_absent_from_the_kafka_event():
    (entry,) = kafka_event([kafka_record(1, None)], "h")["records"]["orders-0"]
    assert not {"key", "value"} & entry.keys()


def test_the_kinesis_event_reads_back_as_the_same_records():
    records = [kinesis_record("49" * 20), kinesis_record("50" * 20, b"\xff", "ключ".encode())]
    event = kinesis_event(records, "arn:aws:kinesis:eu-west-1:1:stream/clicks")
    assert pick(event).records(event) == records
    assert event["Records"][0]["awsRegion"] == "eu-west-1"
    assert event["Records"][0]["eventID"] == records[0].id
    assert event["Records"][0]["kinesis"]["approximateArrivalTimestamp"] == 1_700_000_000.5


KAFKA_ID = {"partition": "orders-0", "offset": 2}


@pytest.mark.parametrize(
    "response",
    ["", None, {}, [], {"batchItemFailures": []}, {"batchItemFailures": None}, {"statusCode": 200}],
)
def test_empty_forms_are_complete_success(response):
    assert read_response(response, [kafka_record(1)]) == {}


@pytest.mark.parametrize(
    "item",
    [
        {"itemIdentifier": ""},
        {"itemIdentifier": None},
        {"itemIdentifier": "5"},
        {"itemIdentifier": {"partition": "orders-0", "offset": 99}},
        {"itemIdentifier": {"partition": "orders-1", "offset": 2}},
        {"itemIdentifier": {"partition": ["orders-0"], "offset": 2}},
        {"itemIdentifier": ["orders-0", 2]},
        {"identifier": KAFKA_ID},
        {},
        "2",
        None,
    ],
)
def test_an_identifier_that_is_empty_or_unknown_fails_the_whole_batch(item):
    records = [kafka_record(offset) for offset in (1, 2, 3)]
    response = {"batchItemFailures": [{"itemIdentifier": KAFKA_ID}, item]}
    with pytest.raises(BadResponse):
        read_response(response, records)


@pytest.mark.parametrize("response", ["done", 7, True, [1], {"batchItemFailures": "1"}])
def test_a_response_of_another_shape_fails_the_whole_batch(response):
    with pytest.raises(BadResponse):
        read_response(response, [kafka_record(1), kafka_record(2)])


def test_delivery_resumes_at_the_lowest_identifier():
    records = [kafka_record(offset) for offset in (1, 2, 3, 4)]
    items = [{"itemIdentifier": KAFKA_ID | {"offset": offset}} for offset in (4, 2)]
    failures = read_response({"batchItemFailures": items}, records)
    assert failures.keys() == {1, 2, 3}
    assert isinstance(failures[1], ReportedFailure)
    assert isinstance(failures[2], NotDone)  # it did not fail: it merely comes again
    assert isinstance(failures[3], ReportedFailure)


def test_kinesis_identifiers_are_sequence_numbers():
    records = [kinesis_record(number) for number in ("9", "10", "11")]
    response = {"batchItemFailures": [{"itemIdentifier": "10"}]}
    assert read_response(response, records).keys() == {1, 2}


class Flaky(Worker):
    """Fails, rejects or takes each record as its value says: `fail N` fails N times."""

    def __init__(self) -> None:
        super().__init__()
        self.deliveries = Counter()
        self.first = []

    def process(self, record) -> None:
        self.deliveries[record.position.offset] += 1
        kind, _, times = record.value.partition(b" ")
        if kind == b"reject":
            raise Reject("never")
        if self.deliveries[record.position.offset] <= int(times or 0):
            raise ValueError("not yet")
        if record.position.offset not in self.first:
            self.first.append(record.position.offset)


PARTIAL = {"report_batch_item_failures": True}


def build(records):
    return kafka_event(records, "h")


def run_case(values, path, monkeypatch_env):
    monkeypatch_env("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    broker = MemoryTopic()
    for number, (value, key) in enumerate(values):
        broker.produce(value, key, gap=number % 3)
    handler = lambda_handler(Flaky)
    invoke = open_invoker(handler, build, MappingSettings(invoke=path, **PARTIAL))
    sink = MemorySink()
    run_memory(
        MemoryConsumer(broker),
        invoke,
        FailureDestination(sink),
        batch_size=7,
        maximum_retry_attempts=3,
    )
    letters = sorted(
        (letter.position.offset, letter.value, letter.error_type)
        for letter in (reading.decode(message.value) for message in sink.messages)
    )
    by_key = {}
    for offset in handler.worker().first:
        record = next(r for r in broker.partitions[0] if r.position.offset == offset)
        by_key.setdefault(record.key, []).append(offset)
    return {"letters": letters, "done by key": by_key, "committed": broker.committed}


CASES = {
    "all well": [(b"ok", b"a")] * 10,
    "one fails once": [(b"ok", b"a"), (b"fail 1", b"b"), (b"ok", b"b"), (b"ok", b"a")] * 3,
    "poison at the first": [(b"fail 99", b"a"), *[(b"ok", b"a")] * 8],
    "poison at the last": [*[(b"ok", b"a")] * 6, (b"fail 99", b"b")],
    "poison twice in a batch": [(b"fail 99", b"a"), (b"ok", b"b"), (b"fail 99", b"b")] * 2,
    "the last retry succeeds": [(b"fail 3", b"a"), (b"ok", b"a")],
    "rejected without a dead-letter sink": [(b"ok", b"a"), (b"reject", b"a"), (b"ok", b"a")],
    "no keys": [(b"fail 2", None), (b"ok", None), (b"fail 99", None)],
}


@pytest.mark.parametrize("case", CASES)
def test_both_paths_end_alike(case, monkeypatch):
    results = [run_case(CASES[case], path, monkeypatch.setenv) for path in ("records", "event")]
    assert results[0] == results[1]
    assert results[0]["committed"]


def test_poison_goes_to_the_destination_and_nothing_else_does(monkeypatch):
    found = run_case(CASES["poison twice in a batch"], "event", monkeypatch.setenv)
    assert [value for _, value, _ in found["letters"]] == [b"fail 99"] * 4


def test_without_partial_responses_any_response_is_success():
    def function(event, context):
        return {"batchItemFailures": [{"itemIdentifier": KAFKA_ID}]}

    invoke = open_invoker(function, build, MappingSettings(invoke="event"))
    assert not invoke([kafka_record(2)]).failures


def test_a_function_sees_its_remaining_time_and_its_name():
    seen = []

    def resize(event, context):
        seen.append((context.get_remaining_time_in_millis(), context.function_name))

    invoke = open_invoker(resize, build, MappingSettings(invoke="event"))
    assert isinstance(invoke([kafka_record(1)]), Outcomes)
    ((milliseconds, name),) = seen
    assert 0 < milliseconds <= 900_000
    assert name == "resize"


BYTES = st.none() | st.binary()


@given(st.lists(st.binary(max_size=4), max_size=5), BYTES, BYTES)
def test_any_record_survives_the_event(headers, key, value):
    record = kafka_record(
        3, value, key, headers=tuple(("h", header) for header in headers), timestamp=0
    )
    event = kafka_event([record], "h")
    assert pick(event).records(event) == [record]
