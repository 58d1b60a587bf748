"""Dead letters of Kafka go back to their topic, read from there if they hold no record."""

import json

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from headrace import Worker, lambda_handler, runner
from headrace.record import KafkaPosition, Record
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.sinks import Message, open_sink
from tests.support.dead_letters import fill, run
from tests.support.kafka.raw_headers import produce_raw


def read_topic(bootstrap, name, partition=0):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "check"})
    place = TopicPartition(name, partition, 0)
    consumer.assign([place])
    _, high = consumer.get_watermark_offsets(place, timeout=10)
    found = consumer.consume(high, 20) if high else []
    consumer.close()
    return found


@pytest.mark.kafka
def test_records_go_back_to_their_topic_exactly(kafka, topic, capsys):
    source, letters = topic(), topic(2)
    url = f"kafka://{kafka.bootstrap}/{letters}"
    records = [
        Record("kafka", KafkaPosition(source, 0, 1), b"\x00\xff", b"k", (("h", b"1"), ("h", b""))),
        Record("kafka", KafkaPosition(source, 0, 2), None, b"gone"),
        Record("kafka", KafkaPosition(source, 0, 3), b"no key"),
    ]
    fill(url, records[0], give_up=records[1:])
    assert run("list", url) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert run("replay", url, "--all", "--source", source) == 0
    found = {m.value(): m for m in read_topic(kafka.bootstrap, source)}
    assert found.keys() == {b"\x00\xff", None, b"no key"}
    assert found[b"\x00\xff"].key() == b"k"
    assert found[b"\x00\xff"].headers() == [("h", b"1"), ("h", b"")]
    assert found[None].key() == b"gone"
    assert found[b"no key"].key() is None


def letter_of_range(topic, first, last):
    """What AWS Lambda writes to a queue: where the records are, not the records."""
    span = {"firstRecordOffset": str(first), "lastRecordOffset": str(last)}
    return {
        "requestContext": {
            "requestId": "r",
            "functionArn": "f",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "KafkaBatchInfo": {"batchSize": 1 + last - first, "recordsInfo": {f"{topic}-0": span}},
    }


@pytest.mark.kafka
def test_a_record_whose_headers_cannot_be_read_is_not_replayed_without_them(
    kafka, topic, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", kafka.bootstrap)
    source, path = topic(), tmp_path / "letters.jsonl"
    for value, header in ((b"1", b"h"), (b"2", b"h\xff")):
        produce_raw(kafka.bootstrap, source, value, b"k", header)
    letters = [{"id": str(n), "value": letter_of_range(source, n, n)} for n in range(2)]
    path.write_text("".join(json.dumps(letter) + "\n" for letter in letters))

    assert run("replay", f"file:{path}", "--all", "--source", source) == 1
    found = capsys.readouterr()
    assert found.out == "replayed 1, failed 1, removed 0\n"
    assert f"{source}-0@1: its headers" in found.err


@pytest.mark.kafka
def test_records_without_payload_are_read_from_their_topic(kafka, topic, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", kafka.bootstrap)
    source = topic()
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    for number in range(4):
        producer.produce(source, b"%d" % number, b"k", headers=[("n", b"%d" % number)])
    producer.flush(20)
    path = tmp_path / "letters.jsonl"
    path.write_text(json.dumps({"id": "x", "value": letter_of_range(source, 1, 2)}))
    assert run("replay", f"file:{path}", "--all", "--source", source) == 0
    found = read_topic(kafka.bootstrap, source)[4:]
    assert [(m.value(), m.key(), m.headers()) for m in found] == [
        (b"1", b"k", [("n", b"1")]),
        (b"2", b"k", [("n", b"2")]),
    ]


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("first", "last", "complaint"),
    [(7, 9, "gone, its log is from 0 to before 4"), (2, 1, "gone"), (10**30, 10**30, "no topic")],
)
def test_a_letter_whose_records_are_not_there_is_not_replayed(
    first, last, complaint, kafka, topic, tmp_path, monkeypatch, capsys
):
    """It counted as replayed, and a queue or a bucket lost it."""
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", kafka.bootstrap)
    source = topic()
    sink = open_sink(f"kafka://{kafka.bootstrap}/{source}")
    assert sink.send([Message(b"k", b"1")] * 4) == [None] * 4
    sink.close()
    path = tmp_path / "letters.jsonl"
    path.write_text(json.dumps({"id": "x", "value": letter_of_range(source, first, last)}))
    assert run("replay", f"file:{path}", "--all", "--source", source) == 1
    found = capsys.readouterr()
    assert complaint in found.err
    assert found.out == "replayed 0, failed 1, removed 0\n"


@pytest.mark.kafka
def test_a_rejected_message_that_is_too_large_for_a_letter_is_read_from_its_topic(kafka, topic):
    """GIVEN 900,000 bytes, which are 1.2 MB in a letter: more than a topic takes."""
    source, letters, large = topic(), topic(), b"x" * 900_000
    url = f"kafka://{kafka.bootstrap}/{letters}"
    sink = open_sink(f"kafka://{kafka.bootstrap}/{source}")
    assert sink.send([Message(b"k", large)]) == [None]
    sink.close()
    fill(url, Record("kafka", KafkaPosition(source, 0, 0), large, b"k"))

    assert run("replay", url, "--all", "--source", source) == 0
    assert [(m.key(), m.value()) for m in read_topic(kafka.bootstrap, source)[1:]] == [
        (b"k", large)
    ]


@pytest.mark.kafka
def test_a_topic_that_does_not_exist_is_named(kafka, capsys):
    assert run("list", f"kafka://{kafka.bootstrap}/no-such-topic") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "no-such-topic" in line


@pytest.mark.kafka
def test_what_the_runner_gave_up_is_processed_after_its_replay(kafka, topic):
    seen, broken = [], [True]

    class Picky(Worker):
        def process(self, record) -> None:
            if record.value == b"7" and broken:
                raise ValueError("not yet")
            seen.append((record.key, record.value, record.headers))

    source, letters = topic(), topic()
    url = f"kafka://{kafka.bootstrap}/{letters}"
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    for number in range(10):
        producer.produce(source, b"%d" % number, b"k", headers=[("n", b"%d" % number)])
    producer.flush(20)

    def run_the_runner():
        handler = lambda_handler(Picky)
        runner.run(
            handler,
            KafkaSource(bootstrap_servers=kafka.bootstrap, topic=source, group=source),
            MappingSettings(maximum_retry_attempts=1, on_failure_url=url, log_level="ERROR"),
            stop=Stop(when_idle=1.0),
        )

    run_the_runner()
    assert len(seen) == 9
    assert run("replay", url, "--all", "--source", source) == 0
    broken.clear()
    run_the_runner()
    assert seen[9:] == [(b"k", b"7", (("n", b"7"),))]
