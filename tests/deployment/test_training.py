"""What starts a training in the stack, and that one runs at a time."""

from tests.support.deployment.streams import alarm
from tests.support.deployment.template import resources


class TestTraining:
    def test_a_change_of_the_source_and_the_clock_start_it(self):
        rules = {n: r["Properties"] for n, r in resources("AWS::Events::Rule").items()}
        for name in ("TrainBySchedule", "TrainOnSource"):
            assert rules[name]["Targets"][0]["Arn"] == {"Fn::GetAtt": ["Training", "Arn"]}
        assert rules["TrainBySchedule"]["ScheduleExpression"] == {"Ref": "TrainingSchedule"}
        _, none, webhook = resources()["Training"]["Properties"]["Triggers"]["Fn::If"]
        assert none == {"Ref": "AWS::NoValue"}
        assert webhook["Webhook"] is True

    def test_two_trainings_never_publish_at_once(self):
        assert resources()["Training"]["Properties"]["ConcurrentBuildLimit"] == 1

    def test_a_failed_training_is_told(self):
        assert alarm("TrainingFailed")["MetricName"] == "FailedBuilds"
