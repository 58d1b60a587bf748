"""An SQS event of a template: every property of it, and what the service would refuse."""

import pytest

from tests.support import sam
from tests.support.sam import dry_run, fails

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
  Unnamed: {Type: AWS::SQS::Queue}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Handler: orders.app.handler
      CodeUri: src/
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: QUEUE
"""
MAPPING = """
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Elsewhere
      EventSourceArn: QUEUE
      FunctionResponseTypes: [ReportBatchItemFailures]
"""
ARN = "arn:aws:sqs:eu-west-1:123456789012:orders"
MORE = """
            BatchSize: 500
            MaximumBatchingWindowInSeconds: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 4}
            FilterCriteria: {Filters: [{Pattern: '{"body": {"kind": ["order"]}}'}]}
            Enabled: true
            MetricsConfig: {Metrics: [EventCount]}
"""


@pytest.fixture
def template(tmp_path):
    def write(queue: str = "!GetAtt Orders.Arn", more: str = "", text: str = TEMPLATE) -> str:
        return sam.write(tmp_path, text.replace("QUEUE", queue) + more)

    return write


def test_every_property_of_an_sqs_event_is_a_setting(template, capsys):
    rows = dry_run(capsys, template(more=MORE))
    place = "template.yaml: Work.Events.Queue"
    assert {name: rows[name] for name in rows if rows[name][1].startswith(place)} == {
        "queue": ("orders", f"{place}.Queue"),
        "batch_size": ("500", f"{place}.BatchSize"),
        "maximum_batching_window_in_seconds": ("5.0", f"{place}.MaximumBatchingWindowInSeconds"),
        "report_batch_item_failures": ("true", f"{place}.FunctionResponseTypes"),
        "function_concurrency": ("4", f"{place}.ScalingConfig"),
        "filter_criteria": (
            r'"[\"{\\\"body\\\": {\\\"kind\\\": [\\\"order\\\"]}}\"]"',
            f"{place}.FilterCriteria",
        ),
    }


def test_a_queue_is_known_by_its_arn_or_told_here(template, capsys):
    assert dry_run(capsys, template(ARN))["queue"][0] == f'"{ARN}"' or ARN
    complaint = fails(capsys, template("!GetAtt Unnamed.Arn"))
    assert "!GetAtt Unnamed.Arn is known on AWS only: give --sqs" in complaint
    assert dry_run(capsys, template("!GetAtt Unnamed.Arn"), "--sqs", "mine")["queue"][0] == "mine"


def test_a_mapping_of_its_own_may_read_a_queue(template, capsys):
    path = template("!ImportValue orders", MAPPING.replace("QUEUE", "!GetAtt Orders.Arn"))
    rows = dry_run(capsys, path, "Mapping", "--function", "elsewhere")
    assert rows["queue"] == ("orders", "template.yaml: Mapping.EventSourceArn")


@pytest.mark.parametrize(
    ("queue", "more", "complaint"),
    [
        (ARN, "BatchSize: 11", ".BatchSize: 11 is over 10, which needs a batching window"),
        (f"{ARN}.fifo", "MaximumBatchingWindowInSeconds: 1", "Seconds: a FIFO queue has none"),
        (f"{ARN}.fifo", "BatchSize: 11", ".BatchSize: 11 is too many: of a FIFO queue, 10"),
        (ARN, "StartingPosition: LATEST", "StartingPosition"),
        (ARN, "ScalingConfig: {MaximumConcurrency: 1}", "of at least 2, got 1"),
        (ARN, "Enabled: false", "Enabled is false"),
        ("arn:aws:sns:eu-west-1:1:t", "BatchSize: 1", "expected the ARN of an SQS queue"),
        (ARN, """FilterCriteria: {Filters: [{Pattern: '{"data": {}}'}]}""", "data: sqs records"),
    ],
)
def test_what_the_service_refuses_is_refused_with_its_place(
    template, capsys, queue, more, complaint
):
    line = fails(capsys, template(queue, f"            {more}\n"))
    assert line.startswith("template.yaml: Work.Events.Queue")
    assert complaint in line


def test_an_event_without_a_queue_is_refused(template, capsys):
    text = TEMPLATE.replace("            Queue: QUEUE\n", "            BatchSize: 1\n")
    assert "Work.Events.Queue: an SQS event needs Queue" in fails(capsys, template(text=text))


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (("--batch-size", "11"), "HEADRACE_BATCH_SIZE: 11 is over 10"),
        (("--parallelization-factor", "2"), "HEADRACE_PARALLELIZATION_FACTOR is for streams"),
        (("--on-failure-url", "file:x"), "HEADRACE_ON_FAILURE_URL is for streams: the queue's"),
        (("--stream", "s"), "--kinesis and --sqs: a run reads one of them"),
        (("--checkpoints", "x"), "--checkpoints is for kinesis, but sqs is read"),
        (("--filter-criteria", '[{"value": ["x"]}]'), "sqs records are filtered on body"),
    ],
)
def test_settings_that_a_queue_has_not_are_refused(capsys, flags, complaint):
    assert complaint in fails(capsys, "workers.sqs:handler", "--sqs", "orders", *flags)
