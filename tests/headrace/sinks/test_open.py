"""A wrong URL is one clear error at start; a right one imports what it needs and no more."""

import subprocess
import sys

import pytest

from headrace.errors import SettingsError
from headrace.sinks import open_sink
from headrace.sinks.open import check_sink
from headrace.sinks.url import SinkUrl

REGION = "?region=eu-west-1"


def check(url):
    check_sink(SinkUrl.parse(url))


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("amqp://host/queue", "amqp"),
        ("results.jsonl", "for a file, write file:results.jsonl"),
        ("stdout:somewhere", "stdout:"),
        ("stdout:?colour=red", "colour"),
        ("file:", "path is missing"),
        ("file://folder/results.jsonl", "host"),
        ("file:/tmp/x.jsonl?mode=w", "mode"),
        ("file:/dev/null/x.jsonl", "cannot be opened"),
        ("file:/tmp/a#b.jsonl", "%23"),
        ("kafka://host:9092", "topic is missing"),
        ("kafka://host:9092/a/b", "a/b"),
        ("kafka:///topic", "HEADRACE_BOOTSTRAP_SERVERS"),
        ("kafka://host:9092/topic?linger=5", "linger"),
        ("kafka://host:9092/topic?acks=1", "acks"),
        ("kafka://host:9092/topic?request.required.acks=0", "acks"),
        ("kafka://host:9092/topic?enable.idempotence=false", "enable.idempotence"),
        ("kafka://host:9092/topic?delivery.timeout.ms=0", "delivery.timeout.ms"),
        ("kafka://host:9092/topic?message.timeout.ms=0", "delivery.timeout.ms"),
        ("kafka://host:9092/topic?linger.ms=1&linger.ms=2", "twice"),
        ("kafka://host:9092/t?bootstrap.servers=evil:1", "bootstrap.servers cannot be set"),
        ("kafka://host:9092/t?metadata.broker.list=evil:1", "metadata.broker.list cannot be set"),
        ("kafka://host:9092/t?plugin.library.paths=/x.so", "it would load or run code"),
        ("kafka://host:9092/t?ssl.engine.location=/x.so", "it would load or run code"),
        ("kafka://host:9092/t?sasl.kerberos.kinit.cmd=sh", "it would load or run code"),
        ("kafka://host:9092/..", "no topic name"),
        ("kinesis://", "stream"),
        ("kinesis://a%3Fb/" + REGION, "stream"),
        ("kinesis://stream/more" + REGION, "stream"),
        ("kinesis://stream" + REGION + "&shard=1", "shard"),
        ("kinesis://stream" + REGION + "&ordered=maybe", "ordered"),
        ("kinesis://stream" + REGION + "&timeout=-1", "timeout"),
        ("kinesis://stream" + REGION + "&timeout=inf", "timeout"),
        ("kinesis://stream" + REGION + "&endpoint=nowhere", "nowhere"),
        ("kinesis://stream", "region"),
        ("sqs://", "queue"),
        ("sqs://owner/queue" + REGION, "account"),
        ("sqs://my queue" + REGION, "sqs://queue-name"),
        ("sqs://queue" + REGION + "&fifo=1", "fifo"),
        ("sns://", "topic"),
        ("sns://arn:aws:sns:topic" + REGION, "ARN"),
        ("sns://arn:aws:sqs:eu-west-1:123456789012:queue", "sns://topic-name"),
        ("sns://my topic" + REGION, "sns://topic-name"),
        ("arn:aws:sqs:eu-west-1:123456789012:queue", "write sqs://ACCOUNT/QUEUE"),
        ("sns://topic" + REGION + "&subject=x", "subject"),
        ("s3:///prefix", "bucket"),
        ("postgres://host?table=orders", "postgres://host:5432/database"),
        ("sqlite:/nowhere/at/all.db?table=orders", "no such file"),
        ("sqlite:?table=orders", "sqlite:/path/to/file.db"),
        ("s3://bucket/prefix" + REGION + "&acl=public", "acl"),
    ],
)
@pytest.mark.parametrize("attempt", [open_sink, check])
def test_a_wrong_url_is_refused_when_opened_and_says_what_is_wrong(
    url, named, attempt, monkeypatch
):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "HEADRACE_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(SettingsError, match=r"^sink ") as raised:
        attempt(url)
    assert named in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "kafka://host:9092/topic?sasl.password=s3cret&no.such.setting=1",
        "kafka://user:s3cret@host:9092/topic",
        "kafka://host:9092/topic?sasl.password=s3cret&sasl.password=s3cret",
        "amqp://host?password=s3cret",
    ],
)
def test_an_error_does_not_show_secrets(url):
    with pytest.raises(SettingsError) as raised:
        open_sink(url)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("stdout:", set()),
        ("file:{folder}/x.jsonl", set()),
        ("kafka://127.0.0.1:1/topic", {"confluent_kafka"}),
        ("kinesis://stream?region=eu-west-1", {"boto3", "botocore.client"}),
        ("s3://bucket?region=eu-west-1", {"boto3", "botocore.client"}),
    ],
)
def test_a_client_library_is_imported_only_for_its_own_kind(url, needed, tmp_path):
    code = (
        "import sys\nfrom headrace.sinks import open_sink\n"
        f"before = set(sys.modules)\nopen_sink({url.format(folder=tmp_path)!r})\n"
        "clients = {'boto3', 'botocore.client', 'confluent_kafka', 'numpy'}\n"
        "print(sorted(clients & before), sorted(clients & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"[] {sorted(needed)}"


def test_a_client_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "headrace.sinks.kafka", None)
    monkeypatch.delitem(sys.modules, "headrace.sinks.kafka")
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(
        SettingsError, match=r"confluent_kafka is not installed: .*headrace\[kafka\]"
    ):
        open_sink("kafka://host:9092/topic")
