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


@pytest.fixture(scope="module")
def glue():
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        client = boto3.client("glue", region_name="eu-west-1")
        client.create_registry(RegistryName="shop")
        yield client


@pytest.fixture(scope="module")
def versions(glue):
    """The version of each schema."""
    return {form: version(glue, form) for form in FORMATS}


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


def test_keys_and_values_are_what_java_wrote(versions):
    """Their bytes are as Java made them, but for the ids, which moto gives."""
    records, expected = [], []
    for offset, message in enumerate(GOLDEN):
        number = uuid.UUID(versions[message["format"]]).bytes
        data = bytes.fromhex(message["bytes"]).replace(ORIGINAL, number)
        records.append(kafka_record(data, data, offset=offset))
        found = dict(EXPECTED[message["message"]])
        if message["format"] == "PROTOBUF" and message["message"] == "order":
            found["line"] = LINE
        expected.append({"value": found, "key": found})
    assert {(m["format"], m["compression"]) for m in GOLDEN} == {
        (form, compression) for form in FORMATS for compression in ("NONE", "ZLIB")
    }
    assert run(Both, records, **told(key_frame="glue")).results == expected


def test_an_avro_value_is_read_as_the_readers_schema(versions, tmp_path):
    reader = tmp_path / "reader.avsc"
    reader.write_text(SCHEMAS["AVRO"][1])
    data = bytes.fromhex(GOLDEN[0]["bytes"]).replace(ORIGINAL, uuid.UUID(versions["AVRO"]).bytes)
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
def test_the_event_of_lambda_has_the_id_and_the_payload_alone(form, versions):
    """EventRecordFormat SOURCE: the frame is gone, and the metadata stand beside the payload."""
    from headrace.testing import invoke

    class Told(Worker):
        def process(self, record):
            schema = record.value_schema
            results.append((record.data, schema.data_format, schema.schema_id))

    number, results = versions[form], []
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
