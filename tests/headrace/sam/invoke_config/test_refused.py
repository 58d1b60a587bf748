"""An EventInvokeConfig that cannot be followed here is refused with its place."""

import pytest

from tests.support.invoke_config import RUN
from tests.support.sam import dry_run, fails


@pytest.mark.parametrize(
    ("destination", "complaint"),
    [
        ("{Destination: !GetAtt Unnamed.Arn}", "!GetAtt Unnamed.Arn is known on AWS only"),
        ("{Type: SQS}", "the SQS destination that SAM makes is known on AWS only"),
        (
            "{Destination: 'arn:aws:lambda:eu-west-1:1:function:f'}",
            "arn:aws:lambda:eu-west-1:1:function:f is no place that the runner writes to",
        ),
        ("!ImportValue lost", "!ImportValue lost is known on AWS only"),
    ],
)
def test_a_destination_that_is_not_known_here_is_told_here(
    template, capsys, destination, complaint
):
    config = f"      EventInvokeConfig: {{DestinationConfig: {{OnFailure: {destination}}}}}\n"
    line = fails(capsys, template(config), *RUN)
    place = "template.yaml: Work.EventInvokeConfig.DestinationConfig.OnFailure"
    assert line == f"{place}: {complaint}: give --on-failure-url"
    rows = dry_run(capsys, template(config), *RUN, "--on-failure-url", "file:lost.jsonl")
    assert rows["on_failure_url"] == ("file:lost.jsonl", "--on-failure-url")


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        (
            "{MaximumRetryAttempts: 3}",
            ".MaximumRetryAttempts: expected a whole number of at most 2, got 3",
        ),
        (
            "{MaximumRetryAttempts: -1}",
            ".MaximumRetryAttempts: expected a whole number of at least 0, got -1",
        ),
        (
            "{MaximumRetryAttempts: two}",
            ".MaximumRetryAttempts: expected a whole number, got 'two'",
        ),
        (
            "{MaximumEventAgeInSeconds: 59}",
            "Seconds: expected a whole number of at least 60, got 59",
        ),
        (
            "{MaximumEventAgeInSeconds: 21601}",
            "Seconds: expected a whole number of at most 21600, got 21601",
        ),
        ("{MaximumAge: 60}", "MaximumAge"),
        ("[]", ": expected an object, got []"),
        ("{DestinationConfig: lost}", ".DestinationConfig: expected an object, got 'lost'"),
        ("{DestinationConfig: {OnError: {}}}", "OnError"),
        ("{DestinationConfig: {OnFailure: lost}}", ".OnFailure: expected an object, got 'lost'"),
        ("{DestinationConfig: {OnFailure: {Type: Lambda}}}", "OnFailure: Destination is missing"),
        (
            "{DestinationConfig: {OnSuccess: {Type: Kafka, Destination: x}}}",
            ".OnSuccess.Type: choose SQS, SNS, S3, Lambda or EventBridge, not 'Kafka'",
        ),
        (
            "{DestinationConfig: {OnFailure: {Destination: lost}}}",
            ".OnFailure.Destination: expected the ARN of an SQS queue, an SNS topic or an S3",
        ),
        (
            "{DestinationConfig: {OnFailure: {Destination: 'kafka://lost'}}}",
            ".OnFailure.Destination: kafka is for mappings, got 'kafka://lost'",
        ),
    ],
)
def test_what_the_service_refuses_is_refused_with_its_place(template, capsys, config, complaint):
    line = fails(capsys, template(f"      EventInvokeConfig: {config}\n"), *RUN)
    assert line.startswith("template.yaml: Work.EventInvokeConfig")
    assert complaint in line


def test_a_variable_that_aws_would_not_read_is_refused(template, capsys):
    variables = "      Environment: {Variables: {HEADRACE_MAXIMUM_RETRY_ATTEMPTS: '0'}}\n"
    line = fails(capsys, template(variables), *RUN)
    assert "MAXIMUM_RETRY_ATTEMPTS has no effect on AWS: set MaximumRetryAttempts" in line
