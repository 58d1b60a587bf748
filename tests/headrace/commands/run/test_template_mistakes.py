"""`headrace run template.yaml`: what is wrong is one line with its place."""

import pytest

from headrace.cli import main
from tests.support import sam
from tests.support.sam import fails

pytestmark = pytest.mark.usefixtures("plain_environment")


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
