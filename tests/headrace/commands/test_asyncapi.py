"""`headrace describe --asyncapi`: a document of what a worker reads, and what it writes."""

import json
import sys

import pytest

from headrace.cli import main
from tests.headrace.commands.test_describe import WORKERS
from tests.support.payloads.messages import SCHEMAS


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "describing.py").write_text(WORKERS)
    (tmp_path / "order.avsc").write_text(SCHEMAS["AVRO"][0])
    yield
    sys.modules.pop("describing", None)


@pytest.fixture
def document(capsys, monkeypatch):
    """Returns the document of a worker with such variables and flags."""

    def make(*flags, worker="describing", **variables):
        for name, value in variables.items():
            monkeypatch.setenv(f"HEADRACE_{name.upper()}", value)
        assert main(["describe", worker, "--asyncapi", *flags]) == 0
        found = json.loads(capsys.readouterr().out)
        assert list(references(found))  # it refers to itself, and each reference leads somewhere
        for reference in references(found):
            follow(found, reference)
        return found

    return make


def references(value):
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else ()
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from references(inner)


def follow(document, reference):
    found = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_what_a_worker_reads_is_a_channel_with_the_schema_of_its_input(document):
    found = document("--topic", "orders", "--kafka", "a:9092, b:9092")
    assert found["asyncapi"] == "3.0.0"
    assert found["info"] == {"title": "Orders", "version": "1", "description": "Takes orders."}
    assert found["channels"]["input"]["address"] == "orders"
    assert found["operations"]["process"]["action"] == "receive"
    message = found["components"]["messages"]["input"]
    assert message["contentType"] == "application/json"
    schema = follow(found, message["payload"]["$ref"])
    assert schema["properties"] == {"id": {"type": "integer"}}
    assert found["servers"]["broker2"] == {"host": "b:9092", "protocol": "kafka"}


def test_without_topic_brokers_and_input_these_are_left_open(document):
    found = document(worker="describing:plain")
    assert found["channels"]["input"]["address"] is None
    assert "servers" not in found
    assert "payload" not in found["components"]["messages"]["input"]


def test_topics_of_results_and_dead_letters_are_channels_and_files_are_not(document):
    found = document(sink_url="kafka:///results?acks=all", dead_letter_url="file:dead.jsonl")
    assert set(found["channels"]) == {"input", "results"}
    assert found["channels"]["results"]["address"] == "results"
    assert found["operations"]["results"]["action"] == "send"


@pytest.mark.parametrize(
    ("frame", "binding"),
    [
        ("confluent", {"schemaIdLocation": "payload", "schemaIdPayloadEncoding": "confluent"}),
        (
            "confluent-header",
            {"schemaIdLocation": "header", "schemaIdPayloadEncoding": "confluent"},
        ),
        ("glue", {"schemaIdLocation": "payload", "schemaIdPayloadEncoding": "aws-glue"}),
        ("lambda-source", {}),
    ],
)
def test_a_frame_is_a_binding_of_kafka_and_a_readers_schema_the_payload(document, frame, binding):
    found = document(
        value_frame=frame,
        value_schema="order.avsc",
        bootstrap_servers="h:9093",
        sasl_mechanism="PLAIN",
        topic="orders",
        schema_registry_url="https://registry.example",
    )
    message = found["components"]["messages"]["input"]
    assert message["bindings"]["kafka"] == {**binding, "bindingVersion": "0.5.0"}
    assert message["payload"]["schema"] == json.loads(SCHEMAS["AVRO"][0])
    server = found["servers"]["broker1"]
    assert server["protocol"] == "kafka-secure"
    assert server["bindings"]["kafka"]["schemaRegistryUrl"] == "https://registry.example"


def test_flags_for_the_document_without_it_are_refused(capsys):
    assert main(["describe", "describing", "--topic", "orders"]) == 1
    assert "go with --asyncapi" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--topic", "or ders"], "--topic: 'or ders' is no name of a topic"),
        (["--kafka", "broker:x"], "--kafka: 'broker:x' is no address of a broker"),
    ],
)
def test_what_is_no_topic_and_no_broker_is_refused(flags, complaint, capsys):
    assert main(["describe", "describing", "--asyncapi", *flags]) == 1
    assert complaint in capsys.readouterr().err
    sys.modules.pop("describing", None)
