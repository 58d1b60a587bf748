"""What AWS Glue's own serializer made (Java), read by a Glue that moto plays."""

import base64
import uuid

import boto3
import pytest
from moto import mock_aws

from headrace import Worker
from headrace.testing import kafka_record, run
from tests.support.payloads.messages import FORMATS, ORDER, PROTO, SCHEMAS, glue_messages

GOLDEN = glue_messages()
LINE = {"sku": "A1", "count": 2}
EXPECTED = {"order": ORDER, "line": LINE, "customer": {"name": "Ada"}}
ORIGINAL = uuid.UUID("b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63").bytes


class Both(Worker):
    def process(self, record):
        return {"value": record.data, "key": record.key_data}


@pytest.fixture
def glue(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with mock_aws():
        client = boto3.client("glue", region_name="eu-west-1")
        client.create_registry(RegistryName="shop")
        yield client


def version(client, form):
    texts = {"PROTOBUF": PROTO}
    made = client.create_schema(
        RegistryId={"RegistryName": "shop"},
        SchemaName=form,
        DataFormat=form,
        Compatibility="NONE",
        SchemaDefinition=texts.get(form, SCHEMAS[form][0]),
    )
    return made["SchemaVersionId"]


def told(**more):
    return {"value_frame": "glue", "schema_registry_url": "glue://eu-west-1", **more}


@pytest.mark.parametrize(
    "message", GOLDEN, ids=lambda m: f"{m['format']}-{m['message']}-{m['compression']}"
)
def test_key_and_value_are_what_java_wrote(message, glue):
    """Its bytes are as Java made them, but for the id, which moto gives."""
    number = uuid.UUID(version(glue, message["format"])).bytes
    data = bytes.fromhex(message["bytes"]).replace(ORIGINAL, number)
    expected = dict(EXPECTED[message["message"]])
    if message["format"] == "PROTOBUF" and message["message"] == "order":
        expected["line"] = LINE
    result = run(Both, [kafka_record(data, data)], **told(key_frame="glue"))
    assert result.results == [{"value": expected, "key": expected}]


def test_an_avro_value_is_read_as_the_readers_schema(glue, tmp_path):
    reader = tmp_path / "reader.avsc"
    reader.write_text(SCHEMAS["AVRO"][1])
    number = uuid.UUID(version(glue, "AVRO")).bytes
    data = bytes.fromhex(GOLDEN[0]["bytes"]).replace(ORIGINAL, number)
    result = run(Both, [data], **told(value_schema=str(reader)))
    assert result.results[0]["value"] == {**ORDER, "note": None}


def test_a_version_that_glue_does_not_know_is_a_reject(glue):
    data = bytes.fromhex(GOLDEN[0]["bytes"])
    result = run(Both, [data], **told())
    assert result.rejects[0].error == (
        "the value cannot be read: AWS Glue has no schema version"
        " b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63"
    )


def test_a_glue_that_is_away_is_a_retry(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", "http://127.0.0.1:1")
    result = run(Both, [bytes.fromhex(GOLDEN[0]["bytes"])], **told())
    assert not result.rejects
    assert type(result.failures[0]).__name__ == "RegistryAway"


@pytest.mark.parametrize("form", FORMATS)
def test_the_event_of_lambda_has_the_id_and_the_payload_alone(form, glue):
    """EventRecordFormat SOURCE: the frame is gone, and the metadata stand beside the payload."""
    from headrace.testing import invoke

    class Told(Worker):
        def process(self, record):
            schema = record.value_schema
            results.append((record.data, schema.data_format, schema.schema_id))

    number, results = version(glue, form), []
    message = next(m for m in GOLDEN if m["format"] == form and m["compression"] == "NONE")
    event = {
        "eventSource": "aws:kafka",
        "records": {
            "orders-0": [
                {
                    "topic": "orders",
                    "partition": 0,
                    "offset": 1,
                    "value": base64.b64encode(bytes.fromhex(message["bytes"])[18:]).decode(),
                    "valueSchemaMetadata": {"dataFormat": form, "schemaId": number},
                }
            ]
        },
    }
    invoke(Told, event, value_frame="lambda-source", schema_registry_url="glue://eu-west-1")
    expected = dict(ORDER, line=LINE) if form == "PROTOBUF" else ORDER
    assert results == [(expected, form, number)]
