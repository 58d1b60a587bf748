"""`headrace produce` by a schema: Confluent's own deserializers read it, and so do our workers."""

import json

import boto3
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient, dual_schema_id_deserializer
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from moto import mock_aws

from headrace import Worker
from headrace.cli import parser
from headrace.commands.produce_schema import framing
from headrace.errors import HeadraceError
from headrace.sinks import Message
from headrace.testing import kafka_record, run
from headrace.testing.schema_registry.server import running_registry
from tests.support.payloads.messages import FORMATS, ORDER, PROTO, SCHEMAS, message_class

FLAGS = {"AVRO": "--avro", "PROTOBUF": "--protobuf", "JSON": "--json-schema"}
LINE = json.dumps(ORDER).encode()


class Orders(Worker):
    def process(self, record):
        return record.data


@pytest.fixture
def registry():
    with running_registry() as server:
        yield server


@pytest.fixture
def write(tmp_path):
    """Returns what `headrace produce` with such flags makes of a line."""

    def make(form, *flags, text=None):
        file = tmp_path / "schema"
        file.write_text(SCHEMAS[form][0] if text is None else text)
        command = ["produce", "--to", "kafka://h:1/orders", "--file", "-", FLAGS[form], str(file)]
        return framing(parser("produce").parse_args([*command, *flags]))

    return make


def deserializer(form, client):
    conf = {"schema.id.deserializer": dual_schema_id_deserializer}
    if form == "AVRO":
        return AvroDeserializer(client, conf=conf)
    if form == "JSON":
        return JSONDeserializer(SCHEMAS["JSON"][0], schema_registry_client=client, conf=conf)
    conf["use.deprecated.format"] = False
    return ProtobufDeserializer(message_class(SCHEMAS[form][0]), conf, client)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("frame", ["confluent", "confluent-v1", "confluent-header"])
def test_what_is_written_is_read_by_confluent_and_by_us(form, frame, registry, write):
    written = write(form, "--frame", frame, "--schema-registry-url", registry.url)
    message = written(Message(b"7", LINE))
    client = SchemaRegistryClient({"url": registry.url})
    context = SerializationContext("orders", MessageField.VALUE, list(message.headers))
    found = deserializer(form, client)(message.value, context)
    if form == "PROTOBUF":
        found = {name: getattr(found, name) for name in ORDER}
    assert found == ORDER
    told = {"schema_registry_url": registry.url, "value_frame": frame.removesuffix("-v1")}
    record = kafka_record(message.value, message.key, headers=message.headers)
    assert run(Orders, [record], **told).results == [ORDER]
    assert client.get_subjects() == ["orders-value"]


@pytest.mark.parametrize("form", FORMATS)
def test_glue_has_the_schema_after_it_was_written(form, write, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    told = {"schema_registry_url": "glue://eu-west-1", "value_frame": "glue"}
    flags = ("--schema-registry-url", "glue://eu-west-1", "--frame")
    with mock_aws():
        boto3.client("glue", "eu-west-1").create_registry(RegistryName="default-registry")
        frames = ("glue", "glue-zlib")
        values = [write(form, *flags, frame)(Message(None, LINE)).value for frame in frames]
        assert values[0][2:18] == values[1][2:18]  # the second one finds what the first has made
        assert [value[1] for value in values] == [0, 5]
        assert run(Orders, values, **told).results == [ORDER, ORDER]


@pytest.mark.parametrize(
    ("name", "index"), [("shop.Customer", b"\2\2"), ("shop.Order.Line", b"\4\0\0")]
)
def test_any_message_of_a_file_may_be_written(name, index, registry, write):
    flags = ("--message", name, "--schema-registry-url", registry.url)
    line = b'{"name": "Ada"}' if name == "shop.Customer" else b'{"sku": "A1", "count": 2}'
    value = write("PROTOBUF", *flags, text=PROTO)(Message(None, line)).value
    assert value[5:].startswith(index)
    told = {"schema_registry_url": registry.url, "value_frame": "confluent"}
    assert run(Orders, [value], **told).results == [json.loads(line)]


@pytest.mark.parametrize("form", FORMATS)
def test_a_line_that_does_not_fit_is_named(form, registry, write):
    written = write(form, "--schema-registry-url", registry.url)
    for line in (b'{"id": "seven", "name": "Ada", "amount": 1}', b"nonsense"):
        with pytest.raises(HeadraceError, match=f"does not fit the schema: .*{line[:8].decode()}"):
            written(Message(None, line))


def test_a_schema_that_the_registry_refuses_ends_the_command(registry, write):
    write("AVRO", "--schema-registry-url", registry.url)
    other = SCHEMAS["AVRO"][0].replace('"double"', '"boolean"')
    with pytest.raises(HeadraceError, match=r"refuses it: .*incompatible"):
        write("AVRO", "--schema-registry-url", registry.url, text=other)


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--frame", "glue"], "needs --schema-registry-url glue"),
        (["--message", "shop.None"], "no message 'shop.None'; it has shop.Order"),
    ],
)
def test_flags_that_contradict_each_other_are_one_line(flags, why, registry, write):
    with pytest.raises(HeadraceError, match=why):
        write("PROTOBUF", "--schema-registry-url", registry.url, *flags)


def test_a_message_is_one_of_protobuf(write):
    with pytest.raises(HeadraceError, match="--message goes with --protobuf"):
        write("AVRO", "--message", "Order", "--schema-registry-url", "http://127.0.0.1:1")


def test_flags_without_a_schema_are_refused():
    command = ["produce", "--to", "kafka://h:1/orders", "--file", "-", "--subject", "orders"]
    with pytest.raises(HeadraceError, match="--subject goes with --avro"):
        framing(parser("produce").parse_args(command))
