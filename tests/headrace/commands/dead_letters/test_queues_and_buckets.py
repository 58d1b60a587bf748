"""A listing leaves a queue as it was; a replay empties it, or a bucket, of what was written."""

import uuid

import pytest

from tests.support.dead_letters import GIVEN_UP, REJECTED, fill, replayed, run
from tests.support.runner import kafka_record


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
