"""Event source mappings, their queues and time limits: within the services' rules."""

import pytest

from headrace.sinks.base import TIMEOUT_SECONDS
from headrace.sinks.url import SinkUrl
from headrace.worker import WorkerSettings
from tests.support.deployment.streams import (
    FAILED_BATCHES,
    MAPPED,
    QUEUES,
    each_function,
    function_role,
)
from tests.support.deployment.template import (
    bounds,
    functions,
    handler,
    load,
    mappings,
    resources,
    text,
    variables,
)

OF_STREAMS = {name: found for name, found in mappings().items() if "StartingPosition" in found}
OF_QUEUES = {name: found for name, found in mappings().items() if name not in OF_STREAMS}
# Those that hold work, beside those that hold failures.
READ = {mapping["EventSourceArn"]["Fn::GetAtt"][0] for mapping in OF_QUEUES.values()}

each_mapping = pytest.mark.parametrize("mapping", mappings().values(), ids=mappings())
each_stream = pytest.mark.parametrize("mapping", OF_STREAMS.values(), ids=OF_STREAMS)
each_queue = pytest.mark.parametrize("mapping", OF_QUEUES.values(), ids=OF_QUEUES)


def longest(function):
    return bounds(function["Timeout"])[1]


def reads_kafka(mapping):
    return "Topics" in mapping


class TestMappings:
    def test_there_is_one_for_each_stream_and_queue(self):
        assert {handler(functions()[name]) for name in MAPPED} == {
            "workers.msk_consumer.handler",
            "workers.kinesis_consumer.handler",
            "workers.tumor_classifier.handler",
        }

    @each_mapping
    def test_the_function_knows_that_partial_responses_are_read(self, mapping):
        function = functions()[mapping["FunctionName"]["Ref"].removesuffix(".Alias")]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert variables(function)["HEADRACE_REPORT_BATCH_ITEM_FAILURES"] == "true"

    @each_function
    def test_no_function_reports_to_a_mapping_that_is_not_there(self, name):
        reports = "HEADRACE_REPORT_BATCH_ITEM_FAILURES" in variables(functions()[name])
        assert reports == (name in MAPPED)

    @each_stream
    def test_it_says_where_to_start(self, mapping):
        assert mapping["StartingPosition"] in {"TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"}

    @each_stream
    def test_batches_are_within_the_services_range(self, mapping):
        least, most = bounds(mapping["BatchSize"])
        assert 1 <= least <= most <= 10_000
        least, most = bounds(mapping["MaximumBatchingWindowInSeconds"])
        assert 0 <= least <= most <= 300

    @each_stream
    def test_batches_of_more_than_ten_may_wait(self, mapping):
        """The service refuses a large batch size without a window, which defaults to none."""
        default = load()["Parameters"][mapping["MaximumBatchingWindowInSeconds"]["Ref"]]["Default"]
        assert default >= 1

    @each_stream
    def test_a_failing_record_is_isolated_and_in_the_end_given_up(self, mapping):
        assert mapping["BisectBatchOnFunctionError"] is True
        least, most = bounds(mapping["MaximumRetryAttempts"])
        assert 0 <= least <= most <= 10_000
        least, most = bounds(mapping["MaximumRecordAgeInSeconds"])
        assert 60 <= least <= most <= 604_800

    @each_stream
    def test_what_is_given_up_goes_to_the_queue(self, mapping):
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == FAILED_BATCHES

    @each_stream
    def test_filters_are_one_pattern_or_none(self, mapping):
        condition, filters, none = mapping["FilterCriteria"]["Fn::If"]
        assert none == {"Ref": "AWS::NoValue"}
        (pattern,) = filters["Filters"]
        unset = {"Fn::Equals": [pattern["Pattern"], ""]}
        assert load()["Conditions"][condition] == {"Fn::Not": [unset]}

    @each_stream
    def test_kafka_takes_all_this_in_provisioned_mode_alone(self, mapping):
        if not reads_kafka(mapping):
            assert "ProvisionedPollerConfig" not in mapping
            return
        pollers = mapping["ProvisionedPollerConfig"]
        assert 1 <= pollers["MinimumPollers"] <= 200
        least, most = bounds(pollers["MaximumPollers"])
        assert pollers["MinimumPollers"] <= least <= most <= 2000

    def test_records_are_given_up_before_the_stream_forgets_them(self):
        stream = resources()["KinesisStream"]["Properties"]
        _, oldest = bounds(mappings()["KinesisMapping"]["MaximumRecordAgeInSeconds"])
        assert oldest <= stream["RetentionPeriodHours"] * 3600

    def test_shards_are_read_within_the_services_range(self):
        assert bounds(mappings()["KinesisMapping"]["ParallelizationFactor"]) == (1, 10)

    def test_the_topic_is_there_before_its_reader(self):
        mapping, topic = resources()["MskMapping"], resources()["Topic"]["Properties"]
        assert mapping["DependsOn"] == "Topic"
        assert mapping["Properties"]["Topics"] == [topic["Topic"]]
        assert mapping["Properties"]["EventSourceArn"] == topic["Cluster"]


class TestQueues:
    @each_queue
    def test_a_queue_s_mapping_is_within_the_services_range(self, mapping):
        assert mapping["BatchSize"] <= 10  # more needs a window
        assert 2 <= mapping["ScalingConfig"]["MaximumConcurrency"] <= 1_000
        assert not {"StartingPosition", "DestinationConfig", "MaximumRetryAttempts"} & set(mapping)

    @each_queue
    def test_a_batch_is_done_before_its_messages_come_again(self, mapping):
        """Six times the function's timeout, as the service advises."""
        queue = QUEUES[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
        function = functions()[mapping["FunctionName"]["Ref"].removesuffix(".Alias")]
        assert queue["VisibilityTimeout"] >= 6 * longest(function)

    @each_queue
    def test_what_fails_again_and_again_is_moved_aside(self, mapping):
        redrive = QUEUES[mapping["EventSourceArn"]["Fn::GetAtt"][0]]["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["UnansweredQueue", "Arn"]}
        assert redrive["maxReceiveCount"] >= 5  # fewer, and throttled batches would count

    @each_queue
    def test_its_function_may_read_it(self, mapping):
        name = mapping["FunctionName"]["Ref"].removesuffix(".Alias")
        (policy,) = [p for p in function_role(name)["Policies"] if p["PolicyName"] == "queue"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Resource"] == mapping["EventSourceArn"]
        assert set(statement["Action"]) >= {
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
        }


class TestTimes:
    def test_functions_on_kafka_stay_below_fourteen_minutes(self):
        for mapping in filter(reads_kafka, mappings().values()):
            function = functions()[mapping["FunctionName"]["Ref"].removesuffix(".Alias")]
            assert longest(function) <= 14 * 60

    @each_function
    @pytest.mark.parametrize("queue", sorted(set(QUEUES) - READ))
    def test_a_message_stays_hidden_six_times_as_long_as_a_worker_may_take(self, name, queue):
        assert QUEUES[queue]["VisibilityTimeout"] >= 6 * longest(functions()[name])

    @each_function
    def test_a_dead_letter_can_fail_before_the_function_does(self, name):
        """Else a dead queue would end invocations instead of failing records."""
        url = variables(functions()[name]).get("HEADRACE_DEAD_LETTER_URL")
        if url is None:
            return
        parsed = SinkUrl.parse(text(url).replace("${DeadLetterQueue.QueueName}", "dead-letters"))
        sink = float(parsed.params.get("timeout", TIMEOUT_SECONDS))
        shortest, _ = bounds(functions()[name]["Timeout"])
        assert sink + WorkerSettings().deadline_reserve_seconds < shortest

    def test_the_api_waits_longer_than_its_functions_take(self):
        integrations = resources("AWS::ApiGatewayV2::Integration").values()
        assert len(integrations) == 2
        for integration in integrations:
            uri = integration["Properties"]["IntegrationUri"]["Ref"]
            function = functions()[uri.removesuffix(".Alias")]
            waits = integration["Properties"]["TimeoutInMillis"] / 1000
            assert longest(function) < waits <= 30

    def test_an_image_can_be_late_before_the_detector_is(self):
        detector = functions()["ObjectDetector"]
        assert (
            float(variables(detector)["HEADRACE_IMAGE_DEADLINE_SECONDS"]) < detector["Timeout"] / 2
        )

    def test_the_topic_is_waited_for_longer_than_its_maker_may_take(self):
        waits = resources()["Topic"]["Properties"]["ServiceTimeout"]
        assert longest(functions()["KafkaClient"]) < waits
