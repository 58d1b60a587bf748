"""Schemas that name other schemas of their registry."""

import json

import pytest

from headrace import Worker
from headrace.payloads.registry.opening import open_registry
from headrace.payloads.schema import BadSchema
from headrace.payloads.settings import RegistrySettings
from headrace.testing import run

ADDRESS = {
    "AVRO": (
        '{"type": "record", "name": "shop.Address", "fields": [{"name": "city", "type": "string"}]}'
    ),
    "JSON": '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}',
    "PROTOBUF": 'syntax = "proto3"; package shop; message Address { string city = 1; }',
}
PERSON = {
    "AVRO": json.dumps(
        {
            "type": "record",
            "name": "shop.Person",
            "fields": [
                {"name": "name", "type": "string"},
                {"name": "home", "type": "shop.Address"},
                {"name": "work", "type": ["null", "shop.Address"]},
            ],
        }
    ),
    "JSON": json.dumps(
        {
            "$id": "http://shop/person.json",
            "type": "object",
            "properties": {"home": {"$ref": "address.json"}, "work": {"$ref": "address.json"}},
        }
    ),
    "PROTOBUF": (
        'syntax = "proto3"; package shop; import "address.json";'
        ' import "google/protobuf/timestamp.proto"; message Person { string name = 1;'
        " Address home = 2; Address work = 3; google.protobuf.Timestamp at = 4; }"
    ),
}
WORK, HOME = {"city": "Paris"}, {"city": "Rome"}
PAYLOADS = {
    "AVRO": (b"\6Ada\x08Rome\2\nParis", {"name": "Ada", "home": HOME, "work": WORK}),
    "JSON": (b'{"home": {"city": "Rome"}}', {"home": HOME}),
    "PROTOBUF": (
        b"\0\n\3Ada\x12\6\n\4Rome\x1a\7\n\5Paris",
        {"name": "Ada", "home": HOME, "work": WORK},
    ),
}


class People(Worker):
    def process(self, record):
        return record.data


@pytest.mark.parametrize("form", ["AVRO", "JSON", "PROTOBUF"])
def test_a_schema_may_name_another_one_more_than_once(form, registry, producer):
    name = {"AVRO": "shop.Address"}.get(form, "address.json")
    producer.register("address", ADDRESS[form], form)
    number = producer.register("person", PERSON[form], form, [(name, "address", 1)])
    payload, expected = PAYLOADS[form]
    data = b"\0" + number.to_bytes(4, "big") + payload
    told = {"value_frame": "confluent", "schema_registry_url": registry.url}
    assert run(People, [data], **told).results == [expected]
    broken = run(People, [data[:-3]], **told).rejects[0].error
    assert broken.startswith(f"the value does not fit schema {number}: ")


def test_references_in_a_circle_and_too_many_of_them_are_refused():
    registry = open_registry(RegistrySettings(schema_registry_url="http://127.0.0.1:1"), {})
    circle = {"a": "b", "b": "a"}

    def of(subject, version=1):
        return [{"name": subject, "subject": subject, "version": version}]

    def get(path, what):
        subject = path.split("/")[2] if "subjects" in path else "a"
        return {"schema": "{}", "references": of(circle[subject])}

    registry._get = get
    with pytest.raises(BadSchema, match="refers to itself"):
        registry.schema(1)

    def get_more(path, what):
        version = int(path.rpartition("/")[2]) if "subjects" in path else 0
        return {"schema": "{}", "references": of("a", version + 1)}

    registry._get = get_more
    with pytest.raises(BadSchema, match="more than 200 references"):
        registry.schema(1)
