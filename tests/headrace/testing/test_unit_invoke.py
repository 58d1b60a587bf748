"""Unit tests of workers, by the kit: one event."""

import pytest

from headrace import Reply, Worker, lambda_handler
from headrace.errors import BatchFailed
from headrace.testing import http_event, invoke, kafka_event, kinesis_event
from tests.support.unit_orders import Orders, order


def test_a_stream_event_is_answered_as_its_source_expects():
    assert invoke(Orders, kafka_event([order(1)])) == {"batchItemFailures": []}
    response = invoke(Orders, kinesis_event([order(1), {}]), report_batch_item_failures=True)
    assert response == {"batchItemFailures": [{"itemIdentifier": "2"}]}


def test_without_partial_responses_a_failure_raises():
    with pytest.raises(BatchFailed):
        invoke(Orders, kafka_event([{}]))


@pytest.mark.parametrize("kind", ["v1", "v2", "function-url", "alb", "alb-multi-value"])
def test_a_request_gets_its_response(kind):
    response = invoke(Orders, http_event(order(1), kind=kind))
    assert (response["statusCode"], response["body"]) == (200, '{"id":1,"ok":true}')
    assert invoke(Orders, http_event(order(1, -1), kind=kind))["statusCode"] == 400


def test_a_plain_value_is_a_direct_invocation():
    assert invoke(Orders, order(1)) == {"id": 1, "ok": True}


def test_a_handler_and_any_other_function_can_be_invoked():
    def function(event, context):
        return [event, context.function_name, context.get_remaining_time_in_millis() <= 2_000]

    assert invoke(lambda_handler(Orders), order(1)) == {"id": 1, "ok": True}
    assert invoke(function, {"a": 1}, timeout=2) == [{"a": 1}, "function", True]


def test_only_a_class_of_workers_takes_settings():
    with pytest.raises(TypeError, match="worker_concurrency: only a worker's class"):
        invoke(lambda_handler(Orders), order(1), worker_concurrency=3)


@pytest.mark.parametrize("event", [{"a": b"bytes"}, {1, 2}, float("nan")])
def test_an_event_that_is_no_json_is_refused(event):
    with pytest.raises(TypeError, match="the event is no JSON value"):
        invoke(Orders, event)


def test_a_response_that_is_no_json_is_refused_as_the_service_would():
    with pytest.raises(TypeError, match="the response is no JSON value"):
        invoke(lambda event, context: {1, 2}, {})


def test_a_picture_travels_as_base64():
    class Picture(Worker):
        def process(self, record):
            return Reply(b"\x89PNG", "image/png")

    assert invoke(Picture, http_event())["isBase64Encoded"] is True
