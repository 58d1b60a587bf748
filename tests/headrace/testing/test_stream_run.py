"""A worker on an in-memory topic: what is committed, given up, delivered twice."""

import pytest

from headrace import Worker
from headrace.testing import StreamRun, kafka_record
from tests.support.orders import Orders, ids, orders


def test_everything_is_processed_and_committed():
    run = StreamRun(Orders)
    run.produce(orders(1, 2, 3))
    assert run.run()
    assert run.results == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert run.committed == {0: 3}
    assert run.unfinished == []


def test_results_are_shown_as_they_are():
    class Same(Worker):
        def process(self, record):
            return record.json()

    run = StreamRun(Same)
    run.produce([b'{"id": 147573952589676412927}', b'"half \\ud83d"'])
    assert run.run()
    assert run.results == [{"id": 147573952589676412927}, "half \ud83d"]


def test_a_rejected_record_is_a_dead_letter_and_done():
    run = StreamRun(Orders)
    run.produce(orders(1, -2, 3))
    assert run.run()
    assert [letter.error for letter in run.dead_letters] == ["amount is negative"]
    assert run.committed == {0: 3}


def test_without_a_destination_a_rejected_record_is_never_done():
    run = StreamRun(Orders, dead_letters=False)
    run.produce(orders(1, -2, 3))
    assert not run.run(seconds=60)
    assert ids(run.unfinished) == [1, 2]


def test_a_failing_record_is_tried_again_and_given_up():
    run = StreamRun(Orders, maximum_retry_attempts=3)
    run.produce(orders(1, 13, 3))
    assert run.run()
    (letter,) = run.dead_letters
    assert (letter.record().json()["id"], letter.error_type) == (1, "RetryAttemptsExhausted")
    assert ids(run.delivered).count(1) == 4
    assert run.committed == {0: 3}


def test_a_key_stays_in_order_while_others_go_on():
    run = StreamRun(Orders, parallelization_factor=10, maximum_retry_attempts=1)
    run.produce(orders(13, 1, 2), key=lambda order: "ab"[order["id"] % 2])
    assert run.run()
    assert ids(run.delivered) == [0, 1, 0, 2]


def test_keys_spread_over_partitions():
    run = StreamRun(Orders, partitions=3)
    records = run.produce(orders(*[1] * 30), key=lambda order: str(order["id"] % 15))
    assert {record.position.partition for record in records} == {0, 1, 2}
    assert len({(record.key, record.position.partition) for record in records}) == 15
    assert run.run()
    assert sum(run.committed.values()) == 30


def test_values_without_a_key_go_to_one_partition_after_the_other():
    records = StreamRun(Orders, partitions=2).produce(orders(1, 2, 3))
    assert [record.position.partition for record in records] == [0, 1, 0]


def test_a_partition_and_gaps_may_be_named():
    run = StreamRun(Orders, partitions=2)
    run.produce(orders(1, 2), partition=1, gap=2)
    assert run.run()
    assert run.committed == {0: 0, 1: 6}


def test_records_keep_their_key_headers_and_timestamp():
    run = StreamRun(Orders)
    given = kafka_record({"id": 7, "amount": 1}, "k", headers={"a": "b"}, timestamp=5)
    (record,) = run.produce([given])
    assert record == given


def test_a_function_of_events_runs_as_in_lambda():
    def function(event, context):
        values = [record["offset"] for record in event["records"]["orders-0"]]
        if 1 in values and len(values) > 1:
            raise OSError("not together")
        return {}

    run = StreamRun(function, bisect_batch_on_function_error=True)
    run.produce(range(4))
    assert run.run()
    assert run.committed == {0: 4}
    assert len(run.delivered) > 4


def test_a_worker_may_take_events_too():
    run = StreamRun(Orders, invoke="event", report_batch_item_failures=True, batch_size=3)
    run.produce(orders(1, -2, 3))
    assert run.run()
    assert len(run.results) == 2
    assert len(run.dead_letters) == 1


def test_filters_hold():
    run = StreamRun(Orders, filter_criteria='[{"value": {"amount": [{"numeric": [">", 1]}]}}]')
    run.produce(orders(1, 2, 3))
    assert run.run()
    assert ids(run.delivered) == [1, 2]
    assert run.committed == {0: 3}


def test_a_run_is_the_same_each_time():
    def histories():
        run = StreamRun(Orders, partitions=2, parallelization_factor=3, maximum_retry_attempts=2)
        run.produce(orders(1, 13, -1, 4, 13, 6), key=lambda order: str(order["id"] % 3))
        run.run()
        return [record.id for record in run.delivered], run.clock.now, run.results

    assert histories() == histories()


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize("error", [SystemExit(0), GeneratorExit(), Unspeakable()])
def test_whatever_a_record_raises_the_others_are_processed(error):
    class Ending(Orders):
        def process(self, record):
            if record.json()["amount"] == 13:
                raise error
            return super().process(record)

    run = StreamRun(Ending, maximum_retry_attempts=2)
    run.produce(orders(1, 13, 3))
    assert run.run()
    assert run.results == [{"id": 0}, {"id": 2}]
    assert [letter.record().json()["id"] for letter in run.dead_letters] == [1]
    assert run.committed == {0: 3}
