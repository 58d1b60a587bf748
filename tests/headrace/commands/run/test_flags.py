"""`headrace run` without a template: flags and variables alone."""

import pytest

from headrace.cli import main
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.settings import SqsSource
from tests.support.sam import dry_run, fails

pytestmark = pytest.mark.usefixtures("plain_environment")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("workers.msk_consumer",), "--kinesis STREAM, --dynamodb TABLE or --sqs QUEUE"),
        (("workers.msk_consumer", "--kafka", "h:1", "--kinesis", "s"), "a run reads one of them"),
        (
            ("workers.msk_consumer", "--kafka", "h:1"),
            "--topic is missing (or the variable HEADRACE_TOPIC)",
        ),
        (("--kafka", "h:1", "--topic", "t"), "name a worker"),
        (("workers.msk_consumer", "--function", "f", "--kinesis", "s"), "name a worker"),
        (("workers.msk_consumer", "Orders", "--kinesis", "s"), "goes with a template"),
        (
            ("workers.msk_consumer", "--event", "E", "--kinesis", "s"),
            "--event goes with a template",
        ),
        (("--function", "f", "--kafka", "h:1", "--topic", "t"), "--group is missing"),
        (("no.yaml",), "no.yaml: No such file"),
        (("w", "--kinesis", "s", "--filter-criteria", "["), "HEADRACE_FILTER_CRITERIA is not JSON"),
        (
            ("w", "--kafka", "h:1", "--topic", "t", "--tumbling-window-in-seconds", "9"),
            "HEADRACE_TUMBLING_WINDOW_IN_SECONDS is for Kinesis",
        ),
    ],
)
def test_a_command_line_without_a_template_is_checked_as_clearly(capsys, arguments, complaint):
    assert complaint in fails(capsys, *arguments)


def test_a_source_may_come_from_the_environment_alone(capsys, monkeypatch):
    monkeypatch.setenv("HEADRACE_BOOTSTRAP_SERVERS", "h:1")
    monkeypatch.setenv("HEADRACE_TOPIC", "t")
    monkeypatch.setenv("HEADRACE_CONSUMER_CONFIG", "client.id=me,a.password=x,sasl.jaas.config=y")
    monkeypatch.setenv("HEADRACE_SINK_URL", "//u:p@h")
    rows = dry_run(capsys, "workers.msk_consumer")
    assert rows["bootstrap_servers"] == ("h:1", "HEADRACE_BOOTSTRAP_SERVERS")
    assert rows["consumer_config"] == (
        '{"client.id": "me", "a.password": "***", "sasl.jaas.config": "***"}',
        "HEADRACE_CONSUMER_CONFIG",
    )
    assert rows["sink_url"] == ('"//***@h"', "HEADRACE_SINK_URL")
    assert rows["group"] == ("headrace-workers.msk_consumer", "default")


def test_every_setting_has_a_flag_with_a_text(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    out = capsys.readouterr().out
    for kind in (KafkaSource, KinesisSource, SqsSource, MappingSettings):
        for name in kind.__struct_fields__:
            _, flag, text = out.partition("\n  --" + name.replace("_", "-"))
            if not flag:
                _, flag, text = out.partition(", --" + name.replace("_", "-"))
            assert flag, name
            assert len(text.split("\n  --")[0].split()) > 1, name
