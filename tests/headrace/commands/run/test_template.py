"""`headrace run template.yaml`: what is deployed is what runs here."""

import os
import sys

import pytest

from headrace.cli import main
from tests.support import sam
from tests.support.sam import dry_run

pytestmark = pytest.mark.usefixtures("plain_environment")


@pytest.fixture
def started(monkeypatch):
    """What the runner is called with, instead of running."""
    from headrace.runner import compose, stop

    calls = []
    monkeypatch.setattr(compose, "run", lambda *arguments, **_: calls.append(arguments))
    monkeypatch.setattr(stop, "stop_on_signals", lambda stop, **_: None)
    return calls


def test_every_property_of_a_kafka_event_is_a_setting(template, capsys):
    rows = dry_run(capsys, template, "Orders", "--event", "Kafka")
    place = "template.yaml: Orders.Events.Kafka"
    assert rows["handler"] == ("orders.app:handler", "")
    expected = {
        "bootstrap_servers": ("b1:9092,b2:9092", f"{place}.KafkaBootstrapServers"),
        "topic": ("test-orders", f"{place}.Topics"),
        "group": ("orders", f"{place}.ConsumerGroupId"),
        "batch_size": ("50", f"{place}.BatchSize"),
        "maximum_batching_window_in_seconds": (
            "2.0",
            f"{place}.MaximumBatchingWindowInSeconds",
        ),
        "starting_position": ("AT_TIMESTAMP", f"{place}.StartingPosition"),
        "starting_position_timestamp": ("1700000000.5", f"{place}.StartingPositionTimestamp"),
        "maximum_retry_attempts": ("3", f"{place}.MaximumRetryAttempts"),
        "maximum_record_age_in_seconds": ("600", f"{place}.MaximumRecordAgeInSeconds"),
        "bisect_batch_on_function_error": ("true", f"{place}.BisectBatchOnFunctionError"),
        "report_batch_item_failures": ("true", f"{place}.FunctionResponseTypes"),
        "on_failure_url": (
            "sqs://123456789012/lost?region=***",
            f"{place}.DestinationConfig",
        ),
        "filter_criteria": (
            r'"[\"{\\\"value\\\": {\\\"kind\\\": [\\\"order\\\"]}}\"]"',
            f"{place}.FilterCriteria",
        ),
        "function_timeout_seconds": ("20.0", "template.yaml: Orders.Timeout"),
        "log_level": ("WARNING", "template.yaml: Orders.Environment.HEADRACE_LOG_LEVEL"),
        "parallelization_factor": ("1", "default"),
    }
    on_failure = rows["on_failure_url"][0].strip('"')
    rows["on_failure_url"] = (on_failure, rows["on_failure_url"][1])
    assert {name: rows[name] for name in expected} == expected


def test_every_property_of_a_kinesis_event_is_a_setting(template, capsys):
    rows = dry_run(capsys, template, "Orders", "--event", "Clicks", "--parameter", "Stage=live")
    place = "template.yaml: Orders.Events.Clicks"
    assert rows["stream"] == ("clicks", f"{place}.Stream")
    assert rows["checkpoints"] == ("var/checkpoints/clicks.sqlite", "default")
    assert rows["parallelization_factor"] == ("1", f"{place}.ParallelizationFactor")
    assert rows["tumbling_window_in_seconds"] == ("60", f"{place}.TumblingWindowInSeconds")
    assert rows["on_failure_url"] == ("sqs://live-failures", f"{place}.DestinationConfig")
    assert rows["report_batch_item_failures"][0] == "false"


def test_a_mapping_of_its_own_finds_its_function(template, capsys):
    rows = dry_run(capsys, template, "Views", "--on-failure-url", "file:x")
    assert rows["handler"] == ("workers.kinesis_consumer:handler", "")
    assert rows["stream"] == ("views", "template.yaml: ViewsMapping.EventSourceArn")
    assert rows["region"] == ("eu-west-1", "template.yaml: ViewsMapping.EventSourceArn")
    assert rows["function_timeout_seconds"] == ("60.0", "template.yaml: Views.Timeout")


def test_defaults_template_environment_flags_in_this_order(template, capsys, monkeypatch):
    chosen = (template, "Orders", "--event", "Kafka")
    monkeypatch.setenv("HEADRACE_BATCH_SIZE", "60")
    monkeypatch.setenv("HEADRACE_TOPIC", "other")
    monkeypatch.setenv("HEADRACE_LOG_LEVEL", "ERROR")
    rows = dry_run(capsys, *chosen, "--batch-size", "70")
    assert rows["batch_size"] == ("70", "--batch-size")
    assert rows["topic"] == ("other", "HEADRACE_TOPIC")
    assert rows["log_level"] == ("ERROR", "HEADRACE_LOG_LEVEL")
    assert rows["group"][0] == "orders"
    assert rows["records_ahead"] == ("10000", "default")


def test_the_function_runs_with_its_code_and_its_environment(template, started, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv("STAGE", "mine")
    assert main(["run", template, "Orders", "--event", "Kafka"]) == 0
    ((handler, source, settings, *_),) = started
    assert handler.__module__ == "orders.app"
    assert source.topic == "test-orders"
    assert settings.maximum_record_age_in_seconds == 600
    assert (os.environ["SHARED"], os.environ["STAGE"]) == ("own", "mine")


def test_a_run_tells_what_of_its_function_is_known_on_aws_only(tmp_path, started, capfd):
    text = sam.TEMPLATE.replace("STAGE: !Ref Stage", "QUEUE: !Ref Failures")
    assert main(["run", sam.write(tmp_path, text), "Orders", "--event", "Kafka"]) == 0
    told = "headrace: Orders.Environment.QUEUE: !Ref Failures is known on AWS only\n"
    assert capfd.readouterr().err == told


def test_a_function_elsewhere_needs_no_code_here(template, started):
    arguments = ["Views", "--on-failure-url", "file:x", "--function", "http://h:8080"]
    assert main(["run", template, *arguments]) == 0
    ((handler, _, settings, *_),) = started
    assert (handler, settings.function) == (None, "http://h:8080")


def test_a_mapping_to_a_function_elsewhere_names_it(tmp_path, capsys):
    text = sam.TEMPLATE.replace("!Ref Views.Alias", "arn:aws:lambda:eu-west-1:1:function:far")
    path = sam.write(tmp_path, text)
    rows = dry_run(capsys, path, "ViewsMapping", "--on-failure-url", "file:x")
    assert rows["function"] == (
        "arn:aws:lambda:eu-west-1:1:function:far",
        "template.yaml: ViewsMapping.FunctionName",
    )
    assert "handler" not in rows
