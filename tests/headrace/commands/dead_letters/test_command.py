"""`headrace dead-letters`: what could not be processed is found, shown and put back exactly."""

import json
import uuid
from functools import partial
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from headrace import Worker, lambda_handler, runner
from headrace.cli import main
from headrace.dead_letters import letter as dead_letter
from headrace.dead_letters.failure_record import FailureRecord
from headrace.errors import Reject
from headrace.record import KafkaPosition, KinesisPosition, Record, RequestPosition
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryAttemptsExhausted
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.sinks import Message, open_sink
from tests.support.kafka.raw_headers import produce_raw
from tests.support.runner import kafka_record

EXHAUSTED = RetryAttemptsExhausted("3 attempts", 3, ValueError("poison"))
REJECTED = kafka_record(1, b'{"a": 1}', b"k1", headers=(("h", b"\xff"), ("h", b"")), timestamp=5)
GIVEN_UP = kafka_record(2, None, None, timestamp=6)

LETTER = dead_letter.DeadLetter(
    source="kafka",
    id="orders-0@1",
    position=REJECTED.position,
    key=None,
    value=b"1",
    headers=(),
    timestamp=None,
    error_type="Reject",
    error="not a number",
    rejected_at=1_700_000_000_000,
)


def run(*arguments):
    return main(["dead-letters", *map(str, arguments)])


def fill(url, *records, give_up=()):
    """Write a Reject's letter for each record, and a failure record for those to give up."""
    sink = open_sink(url)
    for record in records:
        dead_letter.write(sink, record, Reject("not a number", errors=[{"pointer": "/a"}]))
    refused = FailureDestination(sink).write(list(give_up), [EXHAUSTED] * len(give_up))
    assert not any(refused)
    sink.close()


@pytest.fixture
def file(tmp_path):
    url = f"file:{tmp_path}/letters.jsonl"
    fill(url, REJECTED, give_up=[GIVEN_UP])
    return url


def replayed(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_list_is_a_line_for_each_letter_of_either_form(file, capsys):
    assert run("list", file) == 0
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split() == ["ID", "ERROR", "TYPE", "AGE", "ERROR"]
    assert first.split(maxsplit=3)[::3] == ["orders-0@1", "not a number"]
    assert second.split(maxsplit=3)[:2] == ["orders-0@2", "RetryAttemptsExhausted"]
    assert second.endswith("ValueError: poison")


@pytest.mark.parametrize("time", [10**400, -(10**400)])
def test_a_letter_that_somebody_made_up_hides_no_other(time, tmp_path, capsys):
    made_up = msgspec.structs.replace(LETTER, rejected_at=time, id="x" * 5_000)
    path = tmp_path / "letters.jsonl"
    path.write_bytes(
        b"".join(b'{"value":%s}\n' % msgspec.json.encode(one) for one in (made_up, LETTER))
    )
    assert run("list", f"file:{path}") == 0
    _, _, line = capsys.readouterr().out.splitlines()
    assert line.split()[0] == "orders-0@1"
    assert len(line) < 300


def test_list_may_ask_for_a_type_of_error(file, capsys):
    assert run("list", file, "--error-type", "Reject") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("command", ["list", "replay"])
def test_a_misspelt_type_of_error_is_told(command, file, tmp_path, capsys):
    more = ("--to", f"file:{tmp_path}/out") if command == "replay" else ()
    assert run(command, file, "--error-type", "reject", *more) == 1
    assert capsys.readouterr().err == (
        "headrace: no dead letter with the error type 'reject', but Reject (1),"
        " RetryAttemptsExhausted (1)\n"
    )


def test_show_gives_everything_decoded(file, capsys):
    assert run("show", file, "orders-0@1") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("rejected_at") > 1_700_000_000_000
    assert shown == {
        "id": "orders-0@1",
        "source": "kafka",
        "position": {"type": "kafka", "topic": "orders", "partition": 0, "offset": 1},
        "error_type": "Reject",
        "error": "not a number",
        "errors": [{"pointer": "/a"}],
        "timestamp": 5,
        "key": "k1",
        "headers": [["h", "\\xff"], ["h", ""]],
        "value": {"a": 1},
    }


def test_replay_to_another_sink_is_exact(file, tmp_path, capsys):
    target = tmp_path / "out.jsonl"
    assert run("replay", file, "--all", "--to", f"file:{target}") == 0
    assert capsys.readouterr().out == "replayed 2, failed 0, removed 0\n"
    assert replayed(target) == [
        {
            "id": "orders-0@1",
            "key": "k1",
            "headers": [["h", "/w=="], ["h", ""]],
            "value": {"a": 1},
        },
        {"id": "orders-0@2"},
    ]


@pytest.mark.parametrize(
    "chosen", [["orders-0@2"], ["--error-type", "RetryAttemptsExhausted"]], ids=["id", "type"]
)
def test_replay_takes_only_what_is_chosen(file, chosen, tmp_path):
    target = tmp_path / "out.jsonl"
    assert run("replay", file, *chosen, "--to", f"file:{target}") == 0
    assert [line["id"] for line in replayed(target)] == ["orders-0@2"]


def test_a_dry_run_writes_nothing(file, monkeypatch, capsys):
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert run("replay", file, "--all", "--source", "orders", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == [
        "would replay orders-0@1 to kafka:///orders",
        "would replay orders-0@2 to kafka:///orders",
    ]


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_dry_run_promises_no_more_than_a_replay_keeps(more, file, monkeypatch, capsys):
    monkeypatch.delenv("HEADRACE_BOOTSTRAP_SERVERS", raising=False)
    assert run("replay", file, "--all", "--source", "orders", *more) == 1
    out, err = capsys.readouterr()
    assert "would replay" not in out
    (line,) = err.splitlines()  # not one for each letter
    assert line.endswith("there are neither hosts nor HEADRACE_BOOTSTRAP_SERVERS")


@pytest.mark.parametrize("command", ["list", "show", "replay"])
def test_control_characters_of_a_letter_do_not_reach_the_terminal(command, tmp_path, capsys):
    url = f"file:{tmp_path}/letters.jsonl"
    sink = open_sink(url)
    record = kafka_record(1, b"\x1b[2J", timestamp=5)
    dead_letter.write(sink, record, Reject("\x1b]0;title\x07 \x9b2J"))
    sink.close()
    more = {
        "list": (),
        "show": ("orders-0@1",),
        "replay": ("--all", "--dry-run", "--to", f"file:{tmp_path}/out"),
    }[command]
    assert run(command, url, *more) == 0
    out, err = capsys.readouterr()
    assert (out + err).replace("\n", "").isprintable()


@pytest.mark.parametrize("more", [("list",), ("replay", "--all", "--dry-run")])
def test_values_in_the_query_of_a_url_are_not_shown(more, file, tmp_path, capsys):
    letters = Path(file.removeprefix("file:"))
    letters.write_bytes(letters.read_bytes() + b"not a letter\n")
    action, *flags = more
    to = ("--to", "kafka://h:1/t?sasl.password=secret") if action == "replay" else ()
    run(action, f"{file}?fsync=false", *flags, *to)
    out, err = capsys.readouterr()
    assert "fsync=***" in out + err or "sasl.password=***" in out + err
    assert "secret" not in out + err


def test_what_is_no_dead_letter_is_counted_and_passed_over(file, capsys):
    with Path(file.removeprefix("file:")).open("a") as out:
        out.write('{"id": "x", "value": {"other": true}}\n{"torn')
    assert run("list", file) == 0
    found = capsys.readouterr()
    assert len(found.out.splitlines()) == 3
    assert "2 messages are no dead letters" in found.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["list", "sns://topic"], "cannot be read back"),
        (["list", "stdout:"], "cannot be read back"),
        (["list", "file:/no/such/file"], "no such file"),
        (["list", "carrier-pigeon://nest"], "cannot be read back"),
        (["list", "kafka:///topic"], "HEADRACE_BOOTSTRAP_SERVERS"),
        (["show", "{file}", "orders-0@9"], "no dead letter orders-0@9"),
        (["replay", "{file}"], "--all"),
        (["replay", "{file}", "orders-0@9"], "no dead letter orders-0@9"),
        (["replay", "{file}", "--all", "--to", "pigeon://nest"], "pigeon"),
    ],
)
def test_an_error_is_one_line_that_says_what_is_wrong(
    arguments, complaint, file, capsys, monkeypatch
):
    monkeypatch.delenv("HEADRACE_BOOTSTRAP_SERVERS", raising=False)
    assert run(*(argument.format(file=file) for argument in arguments)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("headrace: ")
    assert complaint in line


def test_a_replay_writes_only_where_the_operator_said(file, monkeypatch, capsys):
    """GIVEN no --source and no --to, THEN what could be named is listed, and nothing is done."""
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert run("replay", file, "--all") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "headrace: say where records may be written: --source orders (2), --to URL"

    assert run("replay", file, "--all", "--source", "others") == 1
    found = capsys.readouterr()
    assert found.out == "replayed 0, failed 2, removed 0\n"
    assert "it came from orders, which --source does not name" in found.err


LISTENER = "127.0.0.1:19999"
PLANTED = (
    f"orders?bootstrap.servers={LISTENER}&enable.ssl.certificate.verification=false",
    "orders?plugin.library.paths=/tmp/x.so",
    "orders/../other",
)


@pytest.mark.parametrize("name", PLANTED)
def test_a_letter_does_not_say_where_its_replay_connects(name, tmp_path, capsys):
    url = f"file:{tmp_path}/letters.jsonl"
    fill(url, Record("kafka", KafkaPosition(name, 0, 1), b"x"))

    assert run("replay", url, "--all", "--source", name) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"headrace: --source {name!r} is no name of a topic or a stream"

    assert run("replay", url, "--all", "--source", "orders") == 0
    found = capsys.readouterr()
    assert found.err == f"headrace: in {url} 1 message is no dead letter\n"
    assert found.out == "replayed 0, failed 0, removed 0\n"


@pytest.mark.parametrize(
    "parameter",
    [f"bootstrap.servers={LISTENER}", f"metadata.broker.list={LISTENER}", "plugin.library.paths=x"],
)
@pytest.mark.parametrize("arguments", [("list",), ("replay", "--all", "--source", "orders")])
def test_no_url_holds_what_redirects_a_client_or_loads_code(parameter, arguments, capsys):
    action, *more = arguments
    assert run(action, f"kafka://127.0.0.1:1/dead?{parameter}", *more) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{parameter.partition('=')[0]} cannot be set" in line
    assert LISTENER not in line


def test_a_letter_of_a_request_needs_somewhere_to_go(tmp_path, capsys):
    url = f"file:{tmp_path}/letters.jsonl"
    fill(url, Record("direct", RequestPosition("r1"), b"{}"))
    assert run("replay", url, "--all", "--source", "r1") == 1
    found = capsys.readouterr()
    assert "r1 was not replayed" in found.err
    assert "--to" in found.err
    assert found.out == "replayed 0, failed 1, removed 0\n"


@pytest.fixture
def queue(aws):
    client = aws("sqs")
    name = f"letters-{uuid.uuid4().hex[:8]}"
    url = client.create_queue(QueueName=name)["QueueUrl"]

    def visible():
        got = client.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(got["Attributes"]["ApproximateNumberOfMessages"])

    return f"sqs://{name}", visible


def test_a_queue_is_listed_and_left_as_it_was(queue, capsys):
    url, visible = queue
    fill(url, *(kafka_record(n, b"%d" % n) for n in range(23)), give_up=[GIVEN_UP])
    for _ in range(2):
        assert run("list", url) == 0
        assert len(capsys.readouterr().out.splitlines()) == 1 + 24
    assert visible() == 24


def test_a_message_of_a_queue_that_is_not_in_its_encoding_hides_no_other(queue, aws, capsys):
    url, _ = queue
    fill(url, REJECTED)
    client = aws("sqs")
    client.send_message(
        QueueUrl=client.get_queue_url(QueueName=url.removeprefix("sqs://"))["QueueUrl"],
        MessageBody="no base64",
        MessageAttributes={"encoding": {"DataType": "String", "StringValue": "base64"}},
    )
    assert run("list", url) == 0
    found = capsys.readouterr()
    assert "orders-0@1" in found.out
    assert "1 message is no dead letter" in found.err


def test_a_queue_loses_what_was_replayed_and_nothing_else(queue, tmp_path, capsys):
    url, visible = queue
    fill(url, REJECTED, give_up=[GIVEN_UP])
    target = f"file:{tmp_path}/out.jsonl"
    assert run("replay", url, "orders-0@1", "--to", target, "--keep") == 0
    assert visible() == 2
    assert run("replay", url, "orders-0@1", "--to", target) == 0
    assert visible() == 1
    assert run("list", url) == 0
    assert "orders-0@2" in capsys.readouterr().out.splitlines()[-1]


def test_what_was_not_acknowledged_stays_in_the_queue(queue, tmp_path, monkeypatch, capsys):
    url, visible = queue
    fill(url, REJECTED, GIVEN_UP)
    monkeypatch.setattr(
        "headrace.sinks.file.FileSink.send", lambda self, messages: [OSError("full"), None]
    )
    assert run("replay", url, "--all", "--to", f"file:{tmp_path}/out.jsonl") == 1
    found = capsys.readouterr()
    assert found.out == "replayed 1, failed 1, removed 1\n"
    assert "was not replayed: full" in found.err
    assert visible() == 1


def test_a_bucket_of_failure_records_is_replayed_and_emptied(aws, tmp_path, monkeypatch, capsys):
    client = aws("s3")
    bucket = f"letters-{uuid.uuid4().hex[:8]}"
    location = {"LocationConstraint": client.meta.region_name}
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    client.put_object(Bucket=bucket, Key="failures/readme.txt", Body=b"not a letter")
    monkeypatch.setattr("headrace.dead_letters.boxes.s3._LARGEST_BYTES", 10_000)
    monkeypatch.setattr("headrace.dead_letters.boxes.s3._CHUNK_BYTES", 1)
    client.put_object(Bucket=bucket, Key="failures/large", Body=b" " * 10_001)
    fill(f"s3://{bucket}/failures", REJECTED, give_up=[GIVEN_UP])
    target = tmp_path / "out.jsonl"
    assert run("replay", f"s3://{bucket}/failures/", "--all", "--to", f"file:{target}") == 0
    found = capsys.readouterr()
    assert found.out == "replayed 2, failed 0, removed 2\n"
    assert "2 messages are no dead letters" in found.err
    assert len(replayed(target)) == 2
    left = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Key"] for one in left] == ["failures/large", "failures/readme.txt"]


@pytest.fixture
def stream(aws):
    client = aws("kinesis")
    name = f"clicks-{uuid.uuid4().hex[:8]}"
    client.create_stream(StreamName=name, ShardCount=1)

    def records():
        iterator = client.get_shard_iterator(
            StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return client.get_records(ShardIterator=iterator)["Records"]

    return client, name, records


def test_a_kinesis_record_goes_back_to_its_stream(stream, tmp_path):
    _, name, records = stream
    url = f"file:{tmp_path}/letters.jsonl"
    position = KinesisPosition(name, "shardId-000000000000", "49")
    fill(url, Record("kinesis", position, b"\x00data", "ключ".encode()))
    assert run("replay", url, "--all", "--source", name) == 0
    (found,) = records()
    assert (found["Data"], found["PartitionKey"]) == (b"\x00data", "ключ")


def test_a_record_that_its_letter_does_not_hold_is_read_from_its_stream(stream, tmp_path):
    """GIVEN what AWS Lambda writes to a queue: where the records are, not the records."""
    client, name, records = stream
    numbers = [
        client.put_record(StreamName=name, Data=b"%d" % n, PartitionKey=f"k{n}")["SequenceNumber"]
        for n in range(5)
    ]
    path = tmp_path / "letters.jsonl"
    path.write_bytes(reference(name, numbers[1], numbers[3]))
    assert run("replay", f"file:{path}", "--all", "--source", name) == 0
    assert [found["Data"] for found in records()[5:]] == [b"1", b"2", b"3"]


def test_a_letter_stands_for_no_more_records_than_a_batch(stream, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("headrace.dead_letters.ranges._MOST", 2)
    client, name, records = stream
    put = partial(client.put_record, StreamName=name, Data=b"1", PartitionKey="k")
    numbers = [put()["SequenceNumber"] for _ in range(3)]
    path = tmp_path / "letters.jsonl"
    path.write_bytes(reference(name, numbers[0], numbers[2]))
    assert run("replay", f"file:{path}", "--all", "--source", name) == 1
    assert "stands for at most 2 records" in capsys.readouterr().err
    assert len(records()) == 3


def reference(stream, first, last):
    """A line of a file that holds a failure record without payload."""
    sink = []

    class Collecting:
        def send(self, messages):
            sink.extend(messages)
            return [None] * len(messages)

    position = KinesisPosition(stream, "shardId-000000000000", first)
    FailureDestination(Collecting()).write([Record("kinesis", position, b"", b"k")], [EXHAUSTED])
    failure = msgspec.json.decode(sink[0].value, type=FailureRecord)
    info = msgspec.structs.replace(failure.kinesis_batch_info, end_sequence_number=last)
    bare = msgspec.structs.replace(failure, payload=msgspec.UNSET, kinesis_batch_info=info)
    return msgspec.json.encode({"id": "x", "value": bare})


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
