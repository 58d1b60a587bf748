"""`headrace run --dry-run` shows all that a run would be, and no secret."""

import sys

import pytest
import yaml

from headrace.cli import main
from headrace.commands.run.command import run
from tests.support import sam
from tests.support.sam import dry_run

pytestmark = pytest.mark.usefixtures("plain_environment")


def test_a_dry_run_is_yaml_without_secrets(template, capsys):
    arguments = ("Orders", "--event", "Kafka", "--consumer-config", "sasl.oauthbearer.token=x7x")
    assert main(["run", template, *arguments, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "hunter2" not in out
    assert "x7x" not in out
    plan = yaml.safe_load(out)
    assert plan["mapping"]["batch_size"] == 50
    assert plan["kafka"]["consumer_config"] == {"sasl.oauthbearer.token": "***"}
    assert plan["environment"]["DB"] == "pg://***@h/d"
    assert plan["environment"]["SHARED"] == "own"
    assert "# Orders.Events.Kafka.ProvisionedPollerConfig: there are as many pollers" in out


def test_dry_run_imports_no_handler(template, capsys):
    assert run.__module__ == "headrace.commands.run.command"
    before = set(sys.modules)
    dry_run(capsys, template, "Orders", "--event", "Kafka")
    assert "orders.app" not in set(sys.modules) - before


def test_a_variable_that_is_nearly_a_setting_is_told_of(tmp_path, capsys):
    path = sam.write(tmp_path, sam.TEMPLATE.replace("SHARED: own", "HEADRACE_SINK_ULR: own"))
    assert main(["run", path, "Orders", "--event", "Kafka", "--dry-run"]) == 0
    told = "# Orders.Environment.HEADRACE_SINK_ULR is no setting; HEADRACE_SINK_URL is\n"
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    "told",
    [
        ("--on-failure-url", "kafka://h/f?sasl.password=q9z"),
        ("--dead-letter-url", "kafka://h/f?sasl.password=q9z"),
        ("--sink-url", "kafka://h/f?a=b&sasl.password=q9z"),
        ("--endpoint", "http://u:q9z@h"),
        ("--handler", "a:b", "--checkpoints", "file:x?key=q9z"),
    ],
)
def test_a_dry_run_hides_the_values_of_urls(told, capsys):
    worker = () if "--handler" in told else ("workers.kinesis_consumer",)
    assert main(["run", *worker, "--kinesis", "s", *told, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "***" in out
    assert "q9z" not in out
