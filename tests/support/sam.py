"""A SAM template for tests, and the plan of one of its functions."""

from pathlib import Path

from headrace.cli import main

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Batch: {Type: Number, Default: 50, MaxValue: 10000}
  Stage: {Type: String, Default: test, AllowedValues: [test, live]}
  Password: {Type: String, NoEcho: true, Default: hunter2}
Mappings:
  Sizes: {test: {window: 2}, live: {window: 30}}
Conditions:
  Live: !Equals [!Ref Stage, live]
Globals:
  Function:
    Runtime: python3.11
    Timeout: 20
    Environment: {Variables: {HEADRACE_LOG_LEVEL: WARNING, SHARED: global}}
Resources:
  Failures: {Type: AWS::SQS::Queue}
  Named: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Stage}-failures"}}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {Name: clicks}}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: orders.app.handler
      CodeUri: src/
      Environment: {Variables: {SHARED: own, STAGE: !Ref Stage, DB: !Sub "pg://u:${Password}@h/d"}}
      Events:
        Kafka:
          Type: SelfManagedKafka
          Properties:
            KafkaBootstrapServers: [b1:9092, b2:9092]
            Topics: [!Sub "${Stage}-orders"]
            ConsumerGroupId: orders
            BatchSize: !Ref Batch
            MaximumBatchingWindowInSeconds: !FindInMap [Sizes, !Ref Stage, window]
            StartingPosition: AT_TIMESTAMP
            StartingPositionTimestamp: 1700000000.5
            ProvisionedPollerConfig: {MinimumPollers: 1, MaximumPollers: 2}
            MaximumRetryAttempts: 3
            MaximumRecordAgeInSeconds: 600
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig:
              OnFailure: {Destination: arn:aws:sqs:eu-west-1:123456789012:lost}
            FilterCriteria: {Filters: [{Pattern: '{"value": {"kind": ["order"]}}'}]}
        Clicks:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Clicks.Arn
            StartingPosition: LATEST
            ParallelizationFactor: !If [Live, 1, 4]
            TumblingWindowInSeconds: !If [Live, 60, 0]
            DestinationConfig: {OnFailure: {Destination: !GetAtt Named.Arn}}
        Http: {Type: HttpApi}
  Views:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      ImageConfig: {Command: [python3, -m, awslambdaric, workers.kinesis_consumer.handler]}
      Timeout: 60
  ViewsMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Views.Alias
      EventSourceArn: arn:aws:kinesis:eu-west-1:123456789012:stream/views
      StartingPosition: TRIM_HORIZON
      DestinationConfig: {OnFailure: {Destination: !GetAtt Failures.Arn}}
  LiveOnly:
    Type: AWS::Serverless::Function
    Condition: Live
    Properties: {Handler: a.b, Events: {E: {Type: Kinesis, Properties: {Stream: x}}}}
"""


def write(folder: Path, text: str = TEMPLATE) -> str:
    """The template in a file, with the code that it names; returns the path."""
    package = folder / "src" / "orders"
    package.mkdir(parents=True, exist_ok=True)
    (package / "app.py").write_text("def handler(event, context):\n    return None\n")
    path = folder / "template.yaml"
    path.write_text(text)
    return str(path)


def dry_run(capsys, *arguments: str) -> dict[str, tuple[str, str]]:
    """What `headrace run … --dry-run` shows: (value, origin) by setting."""
    assert main(["run", *arguments, "--dry-run"]) == 0
    return shown(capsys.readouterr().out)


def shown(text: str) -> dict[str, tuple[str, str]]:
    """The lines of a dry run: (value, origin) by name."""
    rows = {}
    for line in text.splitlines():
        name, colon, rest = line.strip().partition(":")
        if colon and not name.startswith("#"):
            value, _, origin = rest.partition("  # ")
            rows[name] = (value.strip(), origin)
    return rows


def fails(capsys, *arguments: str) -> str:
    """The one line with which `headrace run … --dry-run` fails."""
    assert main(["run", *arguments, "--dry-run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line.removeprefix("headrace: ")
