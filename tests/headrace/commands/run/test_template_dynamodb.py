"""`headrace run template.yaml` on the DynamoDB events of a template."""

import pytest

from tests.support.sam import dry_run, fails

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
  Unnamed:
    Type: AWS::DynamoDB::Table
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      CodeUri: .
      Handler: orders.handler
      Events:
        Named:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: LATEST
            BatchSize: 50
            MaximumBatchingWindowInSeconds: 2
            ParallelizationFactor: 4
            MaximumRetryAttempts: 3
            MaximumRecordAgeInSeconds: 600
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria:
              Filters:
                - Pattern: '{"eventName": ["INSERT"], "dynamodb": {"Keys": {"id": {"S": ["a"]}}}}'
            DestinationConfig:
              OnFailure: {Type: SQS, Destination: "arn:aws:sqs:eu-west-1:123456789012:lost"}
        ByArn:
          Type: DynamoDB
          Properties:
            Stream: arn:aws:dynamodb:eu-west-1:123456789012:table/carts/stream/2026-01-01
            StartingPosition: TRIM_HORIZON
            TumblingWindowInSeconds: 60
        Nameless:
          Type: DynamoDB
          Properties: {Stream: !GetAtt Unnamed.StreamArn, StartingPosition: LATEST}
        Wrong:
          Type: DynamoDB
          Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: AT_TIMESTAMP}
        Disabled:
          Type: DynamoDB
          Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST, Enabled: false}
        Positionless:
          Type: DynamoDB
          Properties: {Stream: !GetAtt Table.StreamArn}
        OfAQueue:
          Type: DynamoDB
          Properties: {Stream: "arn:aws:sqs:eu-west-1:123456789012:q", StartingPosition: LATEST}
        BadPattern:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: LATEST
            FilterCriteria: {Filters: [{Pattern: '{"value": [1]}'}]}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Table.StreamArn
      FunctionName: !Ref Orders
      StartingPosition: TRIM_HORIZON
      BatchSize: 7
"""


@pytest.fixture
def template(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.py").write_text("def handler(event, context): ...\n")
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return str(path)


def test_every_property_of_a_dynamodb_event_is_a_setting(template, capsys):
    rows = dry_run(capsys, template, "Orders", "--event", "Named")
    place = "template.yaml: Orders.Events.Named"
    expected = {
        "table": ("orders", f"{place}.Stream"),
        "checkpoints": ("var/checkpoints/dynamodb/orders.sqlite", "default"),
        "starting_position": ("LATEST", f"{place}.StartingPosition"),
        "batch_size": ("50", f"{place}.BatchSize"),
        "maximum_batching_window_in_seconds": ("2.0", f"{place}.MaximumBatchingWindowInSeconds"),
        "parallelization_factor": ("4", f"{place}.ParallelizationFactor"),
        "maximum_retry_attempts": ("3", f"{place}.MaximumRetryAttempts"),
        "maximum_record_age_in_seconds": ("600", f"{place}.MaximumRecordAgeInSeconds"),
        "bisect_batch_on_function_error": ("true", f"{place}.BisectBatchOnFunctionError"),
        "report_batch_item_failures": ("true", f"{place}.FunctionResponseTypes"),
    }
    assert {name: rows[name] for name in expected} == expected
    assert "eventName" in rows["filter_criteria"][0]
    assert "sqs://123456789012/lost" in rows["on_failure_url"][0]


def test_a_stream_by_its_arn_and_a_mapping_of_its_own(template, capsys):
    rows = dry_run(capsys, template, "Orders", "--event", "ByArn")
    assert rows["table"][0].strip('"').startswith("arn:aws:dynamodb:eu-west-1:")
    assert rows["region"][0] == "eu-west-1"
    assert rows["checkpoints"] == ("var/checkpoints/dynamodb/carts.sqlite", "default")
    assert rows["tumbling_window_in_seconds"][0] == "60"
    rows = dry_run(capsys, template, "Orders", "--event", "Mapping")
    assert (rows["table"][0], rows["batch_size"][0]) == ("orders", "7")


def test_a_table_without_a_name_in_the_template_is_named_by_a_flag(template, capsys):
    told = fails(capsys, template, "Orders", "--event", "Nameless", "--dry-run")
    assert "known on AWS only: give --dynamodb" in told
    rows = dry_run(capsys, template, "Orders", "--event", "Nameless", "--dynamodb", "t")
    assert rows["table"] == ("t", "--dynamodb")


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ("Wrong", "Wrong.StartingPosition: choose TRIM_HORIZON or LATEST, not 'AT_TIMESTAMP'"),
        ("Disabled", "Disabled.Enabled is false"),
        ("Positionless", "a DynamoDB event needs StartingPosition"),
        ("OfAQueue", "expected the ARN of a table's stream"),
        ("BadPattern", "BadPattern.FilterCriteria: pattern 1: value: dynamodb records"),
    ],
)
def test_what_the_service_would_refuse_is_one_line(event, complaint, template, capsys):
    assert complaint in fails(capsys, template, "Orders", "--event", event, "--dry-run")
