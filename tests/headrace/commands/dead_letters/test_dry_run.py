"""A dry run leaves nothing behind: no file, no table, no message, of no kind of sink."""

import sqlite3
import uuid

import pytest

from headrace.cli import main
from headrace.dead_letters import letter as dead_letter
from headrace.errors import Reject
from headrace.sinks import open_sink
from headrace.sinks.open import KINDS
from tests.support.runner import kafka_record
from tests.support.tables import TABLE

NAME = f"replayed-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def letters(tmp_path):
    url = f"file:{tmp_path}/letters.jsonl"
    sink = open_sink(url)
    dead_letter.write(sink, kafka_record(1, b'{"id": 1, "item": "a"}'), Reject("no"))
    sink.close()
    return url


def of_file(request):
    folder = request.getfixturevalue("tmp_path")
    return f"file:{folder}/new/replayed.jsonl", lambda: sorted(folder.rglob("*"))


def of_sqlite(request):
    folder = request.getfixturevalue("tmp_path")
    path = folder / "rows.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(TABLE)
    connection.close()
    url = f"sqlite:{path}?table=orders"
    return url, lambda: (sorted(folder.rglob("*")), path.read_bytes())


def of_postgres(request):
    name, connection = request.getfixturevalue("database")(TABLE)
    url = request.getfixturevalue("postgres").url(name, "orders")
    relations = "SELECT relname FROM pg_class ORDER BY 1"
    return url, lambda: connection.execute(relations).fetchall()


def of_kafka(request):
    from confluent_kafka.admin import AdminClient

    broker = request.getfixturevalue("kafka").bootstrap
    admin = AdminClient({"bootstrap.servers": broker})
    return f"kafka://{broker}/{NAME}", lambda: NAME in admin.list_topics(timeout=10).topics


def of_sqs(request):
    client = request.getfixturevalue("aws")("sqs")
    queue = client.create_queue(QueueName=NAME)["QueueUrl"]
    return f"sqs://{NAME}", lambda: client.receive_message(QueueUrl=queue).get("Messages")


def of_sns(request):
    aws = request.getfixturevalue("aws")
    _, messages = of_sqs(request)
    topic = aws("sns").create_topic(Name=NAME)["TopicArn"]
    queue = f"arn:aws:sqs:eu-west-1:123456789012:{NAME}"
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    return f"sns://{topic}", messages


def of_kinesis(request):
    client = request.getfixturevalue("aws")("kinesis")
    client.create_stream(StreamName=NAME, ShardCount=1)
    place = {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    begin = client.get_shard_iterator(StreamName=NAME, **place)["ShardIterator"]
    return f"kinesis://{NAME}", lambda: client.get_records(ShardIterator=begin)["Records"]


def of_s3(request):
    client = request.getfixturevalue("aws")("s3")
    region = {"LocationConstraint": "eu-west-1"}
    client.create_bucket(Bucket=NAME, CreateBucketConfiguration=region)
    return f"s3://{NAME}/below", lambda: client.list_objects_v2(Bucket=NAME)["KeyCount"]


def of_stdout(request):
    return "stdout:", lambda: None


WAYS = {
    "kafka": pytest.param(of_kafka, marks=pytest.mark.kafka),
    "kinesis": of_kinesis,
    "sqs": of_sqs,
    "sns": of_sns,
    "s3": of_s3,
    "postgres": pytest.param(of_postgres, marks=pytest.mark.postgres),
    "sqlite": of_sqlite,
    "file": of_file,
    "stdout": of_stdout,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_dry_run_leaves_what_it_found(way, letters, request, capsys):
    url, found = way(request)
    before = found()
    command = ["dead-letters", "replay", letters, "--all", "--to", url]
    assert main([*command, "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("would replay orders-0@1 to ")
    assert found() == before


def test_every_kind_of_sink_is_tried():
    assert set(WAYS) == set(KINDS)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:{}/letters.jsonl/replayed.jsonl", "cannot be opened for appending: "),
        ("file:{}", "cannot be opened for appending: Is a directory"),
        ("sqlite:{}/letters.jsonl?table=orders", "file is not a database"),
        ("sqlite:{}/rows.db?table=other", "there is no table other"),
        ("sqlite:{}/rows.db?table=orders&key=name", "table orders has no column name"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_dry_run_finds_what_a_replay_would_find(url, why, more, letters, tmp_path, capsys):
    with sqlite3.connect(tmp_path / "rows.db") as connection:
        connection.execute(TABLE)
    connection.close()
    command = ["dead-letters", "replay", letters, "--all", "--to", url.format(tmp_path)]
    assert main([*command, *more]) == 1
    out, err = capsys.readouterr()
    assert (out, why in err) == ("", True)
