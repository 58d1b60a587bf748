"""The small registry, asked by Confluent's own client."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from headrace.testing.schema_registry.server import running_registry
from tests.support.payloads.messages import FORMATS, SCHEMAS


@pytest.fixture
def registry():
    with running_registry() as server:
        yield server


@pytest.fixture
def client(registry):
    return SchemaRegistryClient({"url": registry.url})


@pytest.mark.parametrize("form", FORMATS)
def test_a_schema_is_registered_once_and_found_in_every_way(form, client):
    old, new = (Schema(text, form) for text in SCHEMAS[form])
    assert client.register_schema("orders", old) == client.register_schema("others", old) == 1
    assert client.register_schema("orders", new) == 2
    assert client.register_schema("orders", old) == 1
    assert client.get_subjects() == ["orders", "others"]
    assert client.get_versions("orders") == [1, 2]
    assert client.get_latest_version("orders").schema.schema_str == SCHEMAS[form][1]
    found = client.get_version("orders", 1)
    assert (found.schema_id, found.schema.schema_str) == (1, SCHEMAS[form][0])
    assert client.get_schema(2).schema_type == form
    assert client.get_schema_by_guid(found.guid).schema_str == SCHEMAS[form][0]
    assert client.lookup_schema("others", old).version == 1
    assert client.delete_subject("others") == [1]
    assert client.get_subjects() == ["orders"]


def test_what_is_not_there_has_confluents_codes(client, registry):
    asked = [
        (40401, lambda: client.get_versions("none")),
        (40402, lambda: client.get_version("orders", 9)),
        (40403, lambda: client.get_schema(9)),
        (42201, lambda: client.register_schema("orders", Schema("nonsense", "AVRO"))),
        (
            42201,
            lambda: client.register_schema(
                "o", Schema('"int"', "AVRO", [SchemaReference("a", "b", 1)])
            ),
        ),
    ]
    client.register_schema("orders", Schema('"string"', "AVRO"))
    for code, ask in asked:
        with pytest.raises(SchemaRegistryError) as raised:
            ask()
        assert raised.value.error_code == code
    for path, status in (("/none", 404), ("/subjects/a%2Fb/versions", 422)):
        with pytest.raises(urllib.error.HTTPError) as answered:
            urllib.request.urlopen(registry.url + path)
        assert answered.value.code == status
        answered.value.close()


INCOMPATIBLE = {
    "AVRO": ('"string"', '"int"'),
    "JSON": ('{"type": "object"}', '{"type": "object", "required": ["id"]}'),
}


@pytest.mark.parametrize("body", [b'{"schema": "\xff"}', b'{"x": ' + b"[" * 100_000])
@pytest.mark.parametrize("path", ["/subjects/orders/versions", "/config"])
def test_a_body_that_is_no_json_is_refused(path, body, registry):
    method = "PUT" if path == "/config" else "POST"
    asked = urllib.request.Request(registry.url + path, body, method=method)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=5)
    assert refused.value.code == 422
    refused.value.close()


@pytest.mark.parametrize("form", INCOMPATIBLE)
def test_a_version_that_cannot_read_the_one_before_it_is_refused_unless_that_is_wanted(
    form, client
):
    old, new = (Schema(text, form) for text in INCOMPATIBLE[form])
    client.register_schema("orders", old)
    assert not client.test_compatibility("orders", new)
    with pytest.raises(SchemaRegistryError) as raised:
        client.register_schema("orders", new)
    assert raised.value.http_status_code == 409
    client.set_compatibility("orders", "NONE")
    assert client.register_schema("orders", new) == 2


def test_avro_is_judged_by_what_it_reads_and_not_by_how_it_is_written(client):
    """A field that goes, one that comes with a default, and a wider number are all BACKWARD."""
    fields = [{"name": "id", "type": "int"}, {"name": "old", "type": "string"}]
    newer = [{"name": "id", "type": "long"}, {"name": "new", "type": "string", "default": "-"}]
    old, new = (
        Schema(json.dumps({"type": "record", "name": "O", "fields": part}), "AVRO")
        for part in (fields, newer)
    )
    client.register_schema("orders", old)
    assert client.test_compatibility("orders", new)
    assert client.register_schema("orders", new) == 2
    without = json.loads(new.schema_str)
    del without["fields"][1]["default"]
    assert not client.test_compatibility("orders", Schema(json.dumps(without), "AVRO"), version=1)


def test_a_protobuf_file_is_given_as_its_descriptor_if_that_is_asked_for(client):
    from headrace.payloads.formats.protobuf_text import serialized

    client.register_schema("orders", Schema(SCHEMAS["PROTOBUF"][0], "PROTOBUF"))
    client.clear_caches()
    file = serialized("x.proto", client.get_schema(1, fmt="serialized").schema_str)
    assert [message.name for message in file.message_type] == ["Order"]


def test_many_that_register_at_once_get_one_id_for_each_schema(client, registry):
    texts = [f'{{"type": "fixed", "name": "F", "size": {size}}}' for size in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(
                lambda n: SchemaRegistryClient({"url": registry.url}).register_schema(
                    f"s{n % 8}", Schema(texts[n % 8], "AVRO")
                ),
                range(64),
            )
        )
    assert sorted(set(found)) == list(range(1, 9))
    assert all(len({found[n] for n in range(k, 64, 8)}) == 1 for k in range(8))
