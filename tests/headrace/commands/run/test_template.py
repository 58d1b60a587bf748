"""`headrace run template.yaml`: what is deployed is what runs here."""

import os
import sys

import pytest
import yaml

from headrace.cli import main
from headrace.commands.run.command import run
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.settings import SqsSource
from headrace.settings import variable
from tests.support import sam
from tests.support.sam import dry_run, fails

OURS = str(sam.Path(__file__).parents[4] / "template.yaml")


@pytest.fixture(autouse=True)
def _plain_environment(own_environment):
    """No setting comes from the tests' own environment, and none that a run makes stays."""
    for kind in (KafkaSource, KinesisSource, SqsSource, MappingSettings):
        for name in kind.__struct_fields__:
            os.environ.pop(variable(name), None)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "SHARED", "STAGE"):
        os.environ.pop(name, None)


@pytest.fixture
def template(tmp_path):
    return sam.write(tmp_path)


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


@pytest.mark.parametrize("function", ["MskConsumer", "KinesisConsumer"])
def test_our_own_stack_runs_with_its_default_parameters(function, capsys):
    source = ("--kafka", "h:9092") if function == "MskConsumer" else ("--kinesis", "clicks")
    rows = dry_run(capsys, OURS, function, *source, "--on-failure-url", "file:failed")
    assert rows["batch_size"][0] == "100"
    assert rows["maximum_retry_attempts"][0] == "5"
    assert rows["maximum_record_age_in_seconds"][0] == "43200"
    assert rows["report_batch_item_failures"][0] == "true"
    assert rows["function_timeout_seconds"][0] == "60.0"
    assert (
        rows["handler"][0]
        == {
            "MskConsumer": "workers.msk_consumer:handler",
            "KinesisConsumer": "workers.kinesis_consumer:handler",
        }[function]
    )


def test_our_own_stack_is_known_by_its_name(capsys):
    rows = dry_run(capsys, OURS, "KinesisConsumer", "--parameter", "AWS::StackName=headrace")
    assert rows["stream"][0] == "headrace-stream"
    assert rows["on_failure_url"][0] == "sqs://headrace-failed-batches"
    assert rows["dead_letter_url"][0] == "sqs://headrace-dead-letters"


def test_what_is_known_on_aws_only_is_asked_for_by_flag(capsys):
    assert fails(capsys, OURS, "MskConsumer") == (
        "template.yaml: MskMapping.EventSourceArn: !GetAtt ServerlessCluster.Arn is known on AWS"
        " only: give --kafka"
    )
    assert "DestinationConfig: !GetAtt FailedBatchQueue.Arn is known on AWS only: give" in fails(
        capsys, OURS, "MskConsumer", "--kafka", "h:1"
    )


def test_without_a_name_the_choice_is_listed(template, capsys):
    assert fails(capsys, template) == (
        "template.yaml: more than one function with stream or queue events: name one of"
        " Orders (Kafka, Clicks), Views (ViewsMapping)"
    )
    assert fails(capsys, template, "Orders") == (
        "template.yaml: more than one event of Orders: choose by --event from Kafka, Clicks"
    )
    assert "no function with stream or queue events 'LiveOnly', only Orders" in fails(
        capsys, template, "LiveOnly"
    )
    assert "no event of Views 'E', only ViewsMapping" in fails(
        capsys, template, "Views", "--event", "E"
    )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "!Ref Batch\n",
            "20000\n",
            "Kafka.BatchSize: expected a whole number of at most 10000, got 20000",
        ),
        ("!Ref Batch\n", "many\n", "Kafka.BatchSize: expected a whole number, got 'many'"),
        ("BatchSize", "BatchSzie", "Kafka: there is no 'BatchSzie'"),
        ("AT_TIMESTAMP", "NOW", "AT_TIMESTAMP, not 'NOW'"),
        ("AT_TIMESTAMP", "LATEST", "AT_TIMESTAMP and StartingPositionTimestamp go together"),
        ("600", "30", "MaximumRecordAgeInSeconds: expected -1 or int >= 60, got 30"),
        ("            ProvisionedPoller", "            Tags: #", "provisioned mode only"),
        ("b1:9092, b2:9092", "", "KafkaBootstrapServers: expected a list of at least 1 item"),
        (
            "[ReportBatchItemFailures]",
            "[All]",
            "FunctionResponseTypes[0]: choose ReportBatchItemFailures, not",
        ),
        ('"order"', '{"wildcard": "*"}', "FilterCriteria: pattern 1: value.kind: no operator"),
        ("arn:aws:sqs:eu-west-1:123456789012:lost", "lost", "OnFailure.Destination: expected the"),
        ("ConsumerGroupId: orders", "Enabled: false", "Kafka.Enabled is false"),
        ("ConsumerGroupId: orders", "SchemaRegistryConfig: {}", "SchemaRegistryURI is missing"),
        (
            "ConsumerGroupId: orders",
            "ParallelizationFactor: 2",
            "there is no 'ParallelizationFactor'",
        ),
        ("FunctionResponseTypes: [Rep", "Tags: [Rep", None),
        ("SHARED: own", "HEADRACE_REPORT_BATCH_ITEM_FAILURES: 'true'", None),
        ("python3.11", "nodejs22.x", "Orders.Runtime is nodejs22.x: only Python runs in this"),
        ("Handler: orders.app.handler", "Handler: orders", "Orders: no Handler and no ImageConfig"),
        ("Timeout: 20\n", "Timeout: 1000\n", "Orders.Timeout: expected int from 1 to 900"),
        ("STAGE: !Ref Stage", "STAGE: [a]", "Environment.Variables.STAGE: expected text"),
        ("STAGE: !Ref Stage", r'STAGE: "a\0b"', "Environment.Variables.STAGE: expected text"),
        ("STAGE: !Ref Stage", r'STAGE: "\ud800"', "Environment.Variables.STAGE: expected text"),
        ("STAGE: !Ref Stage", "A=B: c", "Environment.Variables.A=B: expected text"),
        ("!Ref Stage, window", "!Ref Stage, door", "!FindInMap finds no Sizes.test.door"),
        ("Topics: [", "Topics: [a, ", "Topics: expected a list of at most 1 item"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(tmp_path, capsys, old, new, complaint):
    assert old in sam.TEMPLATE
    path = sam.write(tmp_path, sam.TEMPLATE.replace(old, new))
    if complaint is None:
        assert main(["run", path, "Orders", "--event", "Kafka", "--dry-run"]) == 0
        return
    line = fails(capsys, path, "Orders", "--event", "Kafka")
    assert line.startswith("template.yaml: ")
    assert complaint in line


def test_a_condition_on_what_is_not_given_asks_for_the_parameter(tmp_path, capsys):
    text = sam.TEMPLATE.replace(", Default: test,", ",").replace("test-", "")
    path = sam.write(tmp_path, text)
    wanted = "LiveOnly: its condition depends on !Ref Stage: give --parameter"
    assert fails(capsys, path, "LiveOnly") == f"template.yaml: {wanted}"
    assert "give --on-failure-url" in fails(capsys, path, "Views")  # this one does not depend on it


def test_a_function_that_reports_to_a_mapping_that_does_not_ask_is_refused(tmp_path, capsys):
    """AWS takes any response for success there, and the failed records are gone."""
    text = sam.TEMPLATE.replace("SHARED: own", "HEADRACE_REPORT_BATCH_ITEM_FAILURES: 'true'")
    line = fails(capsys, sam.write(tmp_path, text), "Orders", "--event", "Clicks")
    assert "Orders.Environment.HEADRACE_REPORT_BATCH_ITEM_FAILURES is true, but" in line
    assert "Orders.Events.Clicks.FunctionResponseTypes has no ReportBatchItemFailures" in line


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--parameter", "Batch=20000"), "--parameter Batch='20000': MaxValue is 10000"),
        (("--parameter", "Batch=x"), "--parameter Batch='x': not a number"),
        (("--parameter", "Stage=prod"), "--parameter Stage='prod': allowed are test, live"),
        (("--parameter", "Stagee=live"), "--parameter Stagee: the template has no such"),
        (("--parameter", "Stage"), "--parameter: 'Stage' is not KEY=VALUE"),
        (("--kinesis", "s"), "--kinesis is for kinesis, but kafka is read"),
        (("--handler", "a:b", "--function", "f"), "--handler and --function"),
        (("--batch-size", "0"), "--batch-size='0': expected a whole number of at least 1"),
        (("--consumer-config", "x"), "--consumer-config: 'x' is not KEY=VALUE"),
    ],
)
def test_contradictory_flags_are_one_line(template, capsys, arguments, complaint):
    assert complaint in fails(capsys, template, "Orders", "--event", "Kafka", *arguments)


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
