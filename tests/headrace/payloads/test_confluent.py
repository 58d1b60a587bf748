"""What Confluent's own serializers make, in every format and frame, as key and as value."""

import msgspec
import pytest

from headrace import Worker
from headrace.record import PayloadSchema
from headrace.testing import run
from tests.support.payloads.messages import FORMATS, FRAMES, ORDER, SCHEMAS, Producer

CELLS = [(form, frame) for form in FORMATS for frame in FRAMES]


class Keys(Worker):
    def process(self, record):
        return {"value": record.data, "key": record.key_data}


class Bytes(Worker):
    def process(self, record):
        return record.data.hex()


class Order(msgspec.Struct):
    id: int
    name: str
    amount: float
    note: str | None = None


class Orders(Worker[Order]):
    def process(self, record):
        return msgspec.to_builtins(record.data)


def settings(registry, frame, **more):
    return {"value_frame": FRAMES[frame][0], "schema_registry_url": registry.url, **more}


@pytest.mark.parametrize(("form", "frame"), CELLS)
def test_key_and_value_are_what_was_written(form, frame, registry, producer):
    record = producer.record(form, frame, ORDER, key={**ORDER, "id": 8})
    told = settings(registry, frame, key_frame=FRAMES[frame][0])
    assert run(Keys, [record], **told).results == [{"value": ORDER, "key": {**ORDER, "id": 8}}]


@pytest.mark.parametrize(("form", "frame"), CELLS)
@pytest.mark.parametrize("version", [0, 1])
def test_a_declared_input_is_filled_from_an_old_and_from_a_new_schema(
    form, frame, version, registry, producer
):
    value = {**ORDER, "note": "fragile"} if version else ORDER
    record = producer.record(form, frame, value, schema=SCHEMAS[form][version])
    result = run(Orders, [record], **settings(registry, frame))
    assert result.results == [{"note": None, **value}]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(("wrote", "reads"), [(0, 1), (1, 0), (0, 0), (1, 1)])
def test_avro_is_read_as_the_readers_schema_older_or_newer(
    frame, wrote, reads, registry, producer, tmp_path
):
    """The writer's schema is resolved to the reader's: defaults come in, unknown fields go."""
    reader = tmp_path / "reader.avsc"
    reader.write_text(SCHEMAS["AVRO"][reads])
    value = {**ORDER, "note": "fragile"} if wrote else ORDER
    record = producer.record("AVRO", frame, value, schema=SCHEMAS["AVRO"][wrote], key=value)
    told = settings(registry, frame, value_schema=str(reader), key_schema=str(reader))
    result = run(Keys, [record], **told, key_frame=FRAMES[frame][0])
    expected = {**ORDER, "note": value.get("note")} if reads else ORDER
    assert result.results == [{"value": expected, "key": expected}]


def test_a_readers_schema_that_does_not_fit_is_a_reject(registry, producer, tmp_path):
    reader = tmp_path / "reader.avsc"
    reader.write_text(SCHEMAS["AVRO"][0].replace('"amount"', '"price"'))
    told = settings(registry, "v0", value_schema=str(reader))
    found = run(Keys, [producer.record("AVRO", "v0", ORDER)], **told).rejects[0].error
    assert found.startswith("the value does not fit schema 1: ")
    assert "price" in found


@pytest.mark.parametrize("form", ["PROTOBUF", "JSON"])
def test_a_readers_schema_is_for_avro_alone(form, registry, producer, tmp_path):
    reader = tmp_path / "reader.avsc"
    reader.write_text(SCHEMAS["AVRO"][0])
    told = settings(registry, "v0", value_schema=str(reader))
    found = run(Keys, [producer.record(form, "v0", ORDER)], **told).rejects[0].error
    assert found == (
        f"the value cannot be read by schema 1: it is of {form}, but it is to be read by an Avro"
        " schema"
    )


def test_what_confluent_writes_as_bytes_has_no_length_before_it(registry, producer):
    """Confluent's serializers make an exception for a schema that is "bytes" and nothing more."""
    data, _ = producer.framed("AVRO", "v0", b"\x01\x02", schema='"bytes"')
    result = run(Bytes, [data], **settings(registry, "v0"))
    assert result.results == ["0102"]


@pytest.mark.parametrize("form", FORMATS)
def test_source_records_of_lambda_are_read_by_the_id_beside_them(form, registry, producer):
    """EventRecordFormat SOURCE: the frame is gone, and of Protobuf the message's place is left."""
    record = producer.record(form, "v0", ORDER, key=ORDER)
    bare = msgspec.structs.replace(
        record,
        value=record.value[5:],
        key=record.key[5:],
        value_schema=PayloadSchema(form, "1"),
        key_schema=PayloadSchema(form, "1"),
    )
    told = {"value_frame": "lambda-source", "key_frame": "lambda-source"}
    result = run(Keys, [bare, record], **told, schema_registry_url=registry.url)
    assert result.results[0] == {"value": ORDER, "key": ORDER}
    assert result.rejects[1].error == "the key: the event has no keySchemaMetadata"
    strange = msgspec.structs.replace(bare, key_schema=PayloadSchema(form, "one"))
    assert (
        "is no number: 'one'"
        in run(Keys, [strange], **told, schema_registry_url=registry.url).rejects[0].error
    )


@pytest.mark.parametrize("form", FORMATS)
def test_a_schema_is_asked_for_once(form, registry):
    """Of Protobuf, its descriptor is asked for as well."""
    producer = Producer(registry.url)
    records = [producer.record(form, "v0", ORDER, key=ORDER) for _ in range(50)]
    registry.asked.clear()
    run(Keys, records, **settings(registry, "v0", key_frame="confluent"))
    once = ["/schemas/ids/1"]
    if form == "PROTOBUF" and "?format=serialized" in " ".join(registry.asked):
        once.append("/schemas/ids/1?format=serialized")
    assert registry.asked == once
