"""The template of this repository runs here: what is known on AWS only is asked for."""

import pytest

from tests.support import sam
from tests.support.sam import dry_run, fails

pytestmark = pytest.mark.usefixtures("plain_environment")


OURS = str(sam.Path(__file__).parents[4] / "template.yaml")


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
