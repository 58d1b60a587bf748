"""Where failures of the stack go, and who is told."""

import pytest

from tests.support.deployment.streams import (
    FAILED_BATCHES,
    MAPPED,
    QUEUES,
    alarm,
    each_function,
    function_role,
)
from tests.support.deployment.template import as_list, functions, resources, text, variables


class TestFailures:
    @each_function
    def test_every_function_has_a_dead_letter_path(self, name):
        """A mapping's destination for what comes from a stream; else that of asynchronous calls."""
        function = functions()[name]
        if name in MAPPED:
            assert "HEADRACE_DEAD_LETTER_URL" in variables(function)
        else:
            on_failure = function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
            assert on_failure == {"Type": "SQS", "Destination": FAILED_BATCHES}

    @each_function
    def test_every_function_may_write_its_failures(self, name):
        role = function_role(name)
        assert {"Ref": "FailurePolicy"} in role["ManagedPolicyArns"]

    @pytest.mark.parametrize("queue", QUEUES)
    def test_failures_are_kept_as_long_as_a_queue_can(self, queue):
        assert QUEUES[queue]["MessageRetentionPeriod"] == 14 * 86_400

    @each_function
    def test_every_function_has_a_log_that_ends(self, name):
        log = resources()[f"{name}Log"]["Properties"]
        assert text(log["LogGroupName"]) == "/aws/lambda/" + text(functions()[name]["FunctionName"])
        assert log["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        assert f"{name}Log" in as_list(resources()[name]["DependsOn"])

    @each_function
    def test_every_function_raises_an_alarm(self, name):
        watched = alarm(f"{name}Errors")
        assert (watched["Namespace"], watched["MetricName"]) == ("AWS/Lambda", "Errors")
        assert watched["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": name}}]

    @pytest.mark.parametrize(
        ("name", "metric", "watched"),
        [
            ("KinesisBehind", "IteratorAge", {"Ref": "KinesisConsumer"}),
            ("KafkaBehind", "OffsetLag", {"Ref": "MskConsumer"}),
            (
                "UnansweredMessages",
                "ApproximateNumberOfMessagesVisible",
                {"Fn::GetAtt": ["UnansweredQueue", "QueueName"]},
            ),
            ("ModelStale", "SucceededBuilds", {"Ref": "Training"}),
            *(
                (f"{queue.removesuffix('Queue')}{plural}", metric, {"Fn::GetAtt": [queue, name]})
                for queue, plural in [
                    ("DeadLetterQueue", "s"),
                    ("FailedBatchQueue", "es"),
                ]
                for metric, name in [("ApproximateNumberOfMessagesVisible", "QueueName")]
            ),
        ],
    )
    def test_lag_dead_letters_and_old_models_raise_alarms(self, name, metric, watched):
        found = alarm(name)
        assert found["MetricName"] == metric
        assert found["Dimensions"][0]["Value"] == watched

    def test_every_alarm_tells_somebody(self):
        for name in resources("AWS::CloudWatch::Alarm"):
            assert alarm(name)["AlarmActions"] == [{"Ref": "AlarmTopic"}]

    def test_no_training_at_all_is_an_old_model_too(self):
        stale = alarm("ModelStale")
        assert stale["TreatMissingData"] == "breaching"
        assert stale["Period"] * stale["EvaluationPeriods"] == 7 * 86_400  # CloudWatch's limit

    def test_the_dashboard_shows_every_alarm(self):
        body = text(resources()["Dashboard"]["Properties"]["DashboardBody"])
        missing = [n for n in resources("AWS::CloudWatch::Alarm") if f"${{{n}.Arn}}" not in body]
        assert missing == []
