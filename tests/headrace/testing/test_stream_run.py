"""A worker on an in-memory topic: what is committed, given up, delivered twice."""

import asyncio
import time

import pytest

from headrace import Reject, WindowWorker, Worker
from headrace.errors import SettingsError, WorkerError
from headrace.testing import StreamRun, kafka_record


class Orders(Worker):
    def process(self, record):
        order = record.json()
        if order["amount"] < 0:
            raise Reject("amount is negative")
        if order["amount"] == 13:
            raise OSError("the bank is closed")
        return {"id": order["id"]}


def orders(*amounts):
    return [{"id": number, "amount": amount} for number, amount in enumerate(amounts)]


def ids(records):
    return [record.json()["id"] for record in records]


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


def test_an_hour_of_retries_takes_no_time():
    run = StreamRun(Orders, dead_letters=False)
    run.produce(orders(13))
    began = time.monotonic()
    assert not run.run(seconds=3600)
    assert run.clock.now > 3500
    assert len(run.delivered) > 100
    assert time.monotonic() - began < 10


def test_a_record_may_grow_too_old():
    run = StreamRun(Orders, maximum_record_age_in_seconds=60, batch_size=1)
    run.produce(orders(13))
    run.run(seconds=30)
    assert run.dead_letters == []
    run.run(seconds=60)
    assert [letter.error_type for letter in run.dead_letters] == ["RecordAgeExceeded"]


def test_a_batch_waits_for_its_window_and_is_then_processed_as_a_whole():
    batches = []

    class Whole(Worker):
        def process_batch(self, records):
            batches.append(len(records))
            return [None] * len(records)

    run = StreamRun(Whole, batch_size=3, maximum_batching_window_in_seconds=60.0)
    run.produce(range(4))
    assert run.run()
    assert batches == [3, 1]
    assert 60 <= run.clock.now < 70


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


def test_what_was_done_before_a_crash_comes_again_if_it_was_not_committed():
    run = StreamRun(Orders, batch_size=2)
    run.produce(orders(1, 2, 3, 4))
    run.run(batches=2)
    run.kill()
    run.restart()
    assert run.run()
    assert set(ids(run.delivered_twice)) <= {0, 1, 2, 3}
    assert ids(run.delivered_twice)
    assert run.committed == {0: 4}


def test_a_runner_may_die_inside_a_batch():
    run = StreamRun(Orders, batch_size=4)
    run.produce(orders(1, 2, 3, 4))
    run.kill_at(lambda record: record.json()["id"] == 2)
    assert not run.run()
    assert ids(run.delivered) == [0, 1, 2]
    assert run.committed.get(0, 0) == 0
    run.restart()
    assert run.run()
    assert ids(run.delivered_twice) == [0, 1, 2]


class Later(Worker):
    async def process(self, record):
        await asyncio.sleep(0)
        return Orders.process(self, record)


class Whole(Worker):
    async def process_batch(self, records):
        return [await Later.process(self, record) for record in records]


def test_an_async_worker_is_as_good():
    run = StreamRun(Later, worker_concurrency=10, maximum_retry_attempts=2)
    run.produce(orders(1, -2, 13, 4), key=lambda order: str(order["id"]))
    assert run.run()
    assert sorted(result["id"] for result in run.results) == [0, 3]
    assert len(run.dead_letters) == 2
    assert run.committed == {0: 4}
    run.stop()


def test_an_async_worker_may_take_whole_batches():
    run = StreamRun(Whole)
    run.produce(orders(1, 2))
    assert run.run()
    assert run.results == [{"id": 0}, {"id": 1}]
    run.stop()


@pytest.mark.parametrize("concurrency", [1, 3])
@pytest.mark.parametrize("worker", [Orders, Later])
def test_what_a_batch_had_done_when_its_runner_died_is_written_nowhere(worker, concurrency):
    run = StreamRun(worker, worker_concurrency=concurrency)
    run.produce(orders(1, 2, -3, 4), key=lambda order: str(order["id"]))
    run.kill_at(lambda record: record.json()["id"] == 3)
    assert not run.run()
    assert run.results == []
    run.restart()
    assert run.run()
    assert sorted(result["id"] for result in run.results) == [0, 1, 3]
    run.stop()


def test_a_runner_that_is_stopped_commits_what_is_done():
    run = StreamRun(Orders, batch_size=2)
    run.produce(orders(1, 2, 3, 4))
    run.run(batches=1)
    run.stop()
    assert run.committed == {0: 2}
    run.restart()
    assert run.run()
    assert run.delivered_twice == []


def test_a_partition_that_is_revoked_is_committed_and_not_read_any_more():
    run = StreamRun(Orders, partitions=2)
    run.produce(orders(1, 2, 3, 4))
    run.revoke(1)
    run.run()
    assert run.committed == {0: 2}
    run.assign(1)
    assert run.run()
    assert run.committed == {0: 2, 1: 2}


def test_what_a_revocation_commits_does_not_come_again():
    run = StreamRun(Orders, batch_size=2)
    run.produce(orders(1, 2, 3, 4))
    run.run(batches=1)
    run.revoke()
    run.assign()
    assert run.run()
    assert run.delivered_twice == []


def test_what_was_done_of_a_lost_partition_comes_again():
    run = StreamRun(Orders, uncommitted_batches=100)
    run.produce(orders(1, 2))
    run.run(batches=1)
    before = run.committed
    run.lose()
    assert run.committed == before
    run.assign()
    assert run.run()
    assert run.committed == {0: 2}


def test_what_is_written_later_is_read_later():
    run = StreamRun(Orders)
    run.produce(orders(1))
    assert run.run()
    run.produce([{"id": "late", "amount": 1}])
    assert ids(run.unfinished) == ["late"]
    assert run.run()
    assert run.results[-1] == {"id": "late"}


def test_time_may_pass_without_a_runner():
    run = StreamRun(Orders, maximum_record_age_in_seconds=60)
    run.stop()
    run.produce(orders(1))
    run.clock.now += 3600
    run.restart()
    assert run.run()
    assert [letter.error_type for letter in run.dead_letters] == ["RecordAgeExceeded"]


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


def test_each_life_sets_up_a_worker_and_only_an_orderly_end_closes_it():
    events = []

    class Careful(Worker):
        def setup(self):
            events.append("setup")

        def process(self, record):
            return None

        def close(self):
            events.append("close")

    run = StreamRun(Careful)
    run.kill()
    run.restart()
    run.stop()
    assert events == ["setup", "setup", "close"]


def test_a_runner_that_is_dead_does_nothing():
    run = StreamRun(Orders)
    run.kill()
    for act in (run.run, run.kill, run.stop, run.revoke):
        with pytest.raises(RuntimeError, match="does not run"):
            act()
    run.restart()
    with pytest.raises(RuntimeError, match="the runner runs"):
        run.restart()


@pytest.mark.parametrize(
    "setting", ["function", "function_timeout_seconds", "http_port", "processes"]
)
def test_what_has_no_place_in_memory_is_refused(setting):
    with pytest.raises(TypeError, match=f"{setting} has no place in a StreamRun"):
        StreamRun(Orders, **{setting: 1})


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


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"maximum_record_age_in_seconds": 30}, "must be -1 or at least 60"),
        ({"starting_position": "AT_TIMESTAMP"}, "go together"),
        ({"retry_backoff_seconds": 60}, "more than HEADRACE_RETRY_BACKOFF_MAX_SECONDS"),
        ({"dead_letters": False, "maximum_retry_attempts": 2}, "must go somewhere"),
    ],
)
def test_what_a_run_would_refuse_is_refused(settings, told):
    with pytest.raises(SettingsError, match=told):
        StreamRun(Orders, **settings)


@pytest.mark.parametrize("handler", [5, "orders", Orders()])
def test_what_is_no_handler_is_refused(handler):
    with pytest.raises(TypeError, match="is neither a worker's class nor a function"):
        StreamRun(handler)


def test_a_worker_that_a_run_would_refuse_is_refused():
    without = type("Typo", (Worker,), {"proces": lambda self, record: None})
    short = type("Short", (Worker,), {"process": lambda self: None})
    for kind, told in ((without, "is proces meant to be it"), (short, "with one argument")):
        with pytest.raises(WorkerError, match=told):
            StreamRun(kind)


def test_time_passes_over_several_runs():
    run = StreamRun(Orders, maximum_batching_window_in_seconds=60)
    run.produce(orders(1))
    assert not run.run(seconds=59)
    assert run.results == []
    assert run.run(seconds=2)
    assert run.results == [{"id": 0}]


def test_a_worker_for_windows_is_refused():
    class Counts(WindowWorker):
        def add(self, state, record):
            return (state or 0) + 1

    with pytest.raises(TypeError, match="Counts is for tumbling windows, which no topic has"):
        StreamRun(Counts)


def test_a_partition_that_is_not_there_is_refused():
    run = StreamRun(Orders, partitions=2)
    for use in (lambda n: run.produce([1], partition=n), run.lose, run.revoke, run.assign):
        with pytest.raises(ValueError, match="no partition 2: the topic's are from 0 to 1"):
            use(2)
    with pytest.raises(ValueError, match="a partition at least, not 0"):
        StreamRun(Orders, partitions=0)
