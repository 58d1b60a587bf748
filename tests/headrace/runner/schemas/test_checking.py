"""Records that a schema registry checks before the function sees them."""

import json

import pytest
from moto import mock_aws

from headrace import Worker
from headrace.errors import NotDone
from headrace.log import logger
from headrace.processing.outcomes import Outcomes
from headrace.runner.function.open import EventInvoker
from headrace.runner.protocol.events import event_of
from headrace.runner.schemas.opening import open_checking
from headrace.runner.settings import MappingSettings
from headrace.runner.way import Way
from headrace.sources.kafka import Kafka
from headrace.testing import embedded_registry, kafka_record
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost
from tests.support.delivery import Delivery
from tests.support.payloads.messages import FORMATS, ORDER, Producer, glue_messages

BROKEN = b"no frame"


@pytest.fixture(scope="module")
def url():
    with embedded_registry() as url:
        yield url


@pytest.fixture(scope="module")
def producer(url):
    return Producer(url)


class Seen:
    """A function, and every record that it was given."""

    def __init__(self):
        self.records = []

    def __call__(self, records):
        self.records += records
        return Outcomes(records)


def checking(invoke, url, *, isolates=True, filters=None, **more):
    told = {
        "event_record_format": "JSON",
        "schema_validation_attributes": ("VALUE",),
        "schema_registry_url": url,
        **more,
    }
    settings = MappingSettings(filter_criteria=filters, **told)
    settings.check()
    way = Way(invoke, None, isolates=isolates, bisects=False)
    way, left = open_checking(way, settings, logger("test", "ERROR"))
    assert left.filter_criteria is None or told["event_record_format"] == "SOURCE"
    return way.invoke


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("frame", ["v0", "v1"])
def test_json_is_what_the_function_gets_with_the_schema_beside_it(form, frame, url, producer):
    record, seen = producer.record(form, frame, ORDER, key=ORDER), []
    call = EventInvoker(lambda event: seen.append(event) or {}, event_of, partial=True)
    both = {"schema_validation_attributes": ("KEY", "VALUE")}
    assert not checking(call, url, **both)([record]).failures
    (found,) = Kafka().records(seen[0])
    assert json.loads(found.value) == json.loads(found.key) == ORDER
    assert found.value_schema == found.key_schema
    assert found.value_schema.data_format == form
    assert found.value_schema.schema_id == str(int.from_bytes(record.value[1:5])) or frame == "v1"


def test_source_is_what_was_written_without_its_frame(url, producer):
    record, seen = producer.record("AVRO", "v0", ORDER, key=ORDER), Seen()
    checking(seen, url, event_record_format="SOURCE")([record])
    assert seen.records[0].value == record.value[5:]
    assert seen.records[0].key == record.key  # it is not among what is checked
    assert seen.records[0].key_schema is None


def test_a_worker_reads_source_by_what_the_check_has_put_beside_it(url, producer):
    """As on AWS: the mapping checks, and the worker has `lambda-source` among its settings."""

    class Orders(Worker):
        def process(self, record):
            return record.data

    told = WorkerSettings(value_frame="lambda-source", schema_registry_url=url)
    host = WorkerHost.open(Orders, told)
    for form in FORMATS:
        record = producer.record(form, "v0", ORDER)
        outcomes = checking(host.run, url, event_record_format="SOURCE")([record])
        assert outcomes.results == [ORDER]


def test_a_tombstone_passes_and_a_filter_sees_what_the_function_would_see(url, producer):
    records = [producer.record("AVRO", "v0", {**ORDER, "amount": n}) for n in (1.0, 9.0)]
    seen = Seen()
    filters = '["{\\"value\\": {\\"amount\\": [{\\"numeric\\": [\\">\\", 5]}]}}"]'
    outcomes = checking(seen, url, filters=filters)([*records, kafka_record(None)])
    assert not outcomes.failures  # what is passed over is done
    assert [json.loads(record.value)["amount"] for record in seen.records] == [9.0]


def test_what_does_not_fit_goes_to_the_failure_destination_at_once_as_it_came(
    url, producer, capsys
):
    good = producer.record("AVRO", "v0", ORDER)
    seen = Seen()
    records = [
        kafka_record(good.value, "a", offset=0),
        kafka_record(BROKEN, "b", offset=1),
        kafka_record(good.value, "b", offset=2),
        kafka_record(good.value, "c", offset=3),
    ]
    found = Delivery(records, checking(seen, url), retries=5, isolate=True)
    assert [record.position.offset for record in seen.records] == [0, 3, 2]  # each once
    (letter,) = found.letters()
    assert letter.id == "orders-0@1"
    assert letter.value == BROKEN
    assert letter.error_type == "SchemaValidationFailed"
    assert '"record":"orders-0@1","error":"the value: no Confluent' in capsys.readouterr().out


def test_a_function_that_answers_for_whole_batches_gets_no_record_twice(url, producer):
    good, seen = producer.record("AVRO", "v0", ORDER).value, Seen()
    values = [good, BROKEN, good, BROKEN, good]
    records = [kafka_record(value, offset=n) for n, value in enumerate(values)]
    invoke = checking(seen, url, isolates=False)
    found = Delivery(records, invoke, retries=0, isolate=False)
    assert [record.position.offset for record in seen.records] == [0, 2, 4]
    assert [letter.id for letter in found.letters()] == ["orders-0@1", "orders-0@3"]


def test_a_registry_that_is_away_uses_up_no_retry(url, producer, monkeypatch):
    from headrace.payloads.registry import cache

    monkeypatch.setattr(cache, "_SECONDS", dict.fromkeys(cache._SECONDS, 0.0))
    record, seen, asked = producer.record("AVRO", "v0", ORDER), Seen(), []
    away = checking(seen, "http://127.0.0.1:1")
    there = checking(seen, url)

    def invoke(records):
        asked.append(records)
        return (away if len(asked) < 20 else there)(records)

    found = Delivery([record], invoke, retries=2, isolate=True)
    assert len(seen.records) == 1
    assert not found.letters()
    with pytest.raises(NotDone):
        away([record])


def test_what_has_no_form_in_json_does_not_fit(url, producer):
    schema = '{"type": "record", "name": "N", "fields": [{"name": "x", "type": "double"}]}'
    data, _ = producer.framed("AVRO", "v0", {"x": float("nan")}, schema=schema)
    (error,) = checking(Seen(), url)([kafka_record(data)]).failures.values()
    assert str(error) == "the value has no form in JSON: NaN and Infinity are no numbers in JSON"


def test_glue_of_a_mapping_has_glues_frames(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with mock_aws():
        data = bytes.fromhex(glue_messages()[0]["bytes"])
        invoke = checking(Seen(), "glue://eu-west-1")
        (error,) = invoke([kafka_record(data)]).failures.values()
    assert "AWS Glue has no schema version b7b4a7f0" in str(error)
