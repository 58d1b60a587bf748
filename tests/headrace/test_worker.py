"""A worker is what its user writes and nothing else."""

import functools
import json
import logging
import pickle

import pytest

from headrace import Record, Reject, Worker, lambda_handler
from headrace.errors import SettingsError, WorkerError
from headrace.handler import Handler
from headrace.record import KafkaPosition
from headrace.testing import invoke, kafka_event
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost

RECORDS = [Record("kafka", KafkaPosition("t", 0, n), b"%d" % n) for n in range(3)]


class Doubling(Worker):
    def process(self, record):
        return int(record.value) * 2


def results(worker, **settings):
    return list(WorkerHost.open(worker, WorkerSettings(**settings)).run(RECORDS).results)


def test_a_worker_has_six_public_names():
    public = {name for name in dir(Worker) if not name.startswith("_")}

    assert public == {"setup", "process", "process_batch", "close", "log", "settings"}


def test_methods_of_any_other_name_are_the_users_own():
    class Busy(Doubling):
        def run(self, *_):
            raise AssertionError("nobody else's to call")

        answer = host = worker = _sink = _dead_letters = _process = run

    assert results(Busy) == [0, 2, 4]


def test_settings_come_from_whoever_makes_the_worker(monkeypatch):
    monkeypatch.setenv("HEADRACE_WORKER_CONCURRENCY", "not a number")

    assert Doubling(settings=WorkerSettings(worker_concurrency=3)).settings.worker_concurrency == 3
    with pytest.raises(SettingsError, match="HEADRACE_WORKER_CONCURRENCY"):
        _ = Doubling().settings


def test_a_constructor_of_its_own_sees_the_settings_whether_it_calls_the_bases_or_not():
    class Own(Doubling):
        def __init__(self):
            self.level = self.settings.log_level

    class Polite(Doubling):
        def __init__(self, *, settings=None):
            super().__init__(settings=settings)
            self.level = self.settings.log_level

    for kind in (Own, Polite):
        assert WorkerHost.open(kind, WorkerSettings(log_level="ERROR")).worker.level == "ERROR"


def test_a_log_and_settings_of_its_own_stay_the_workers_own(capsys):
    class Own(Worker):
        def __init__(self):
            self.settings = {"price": 2}

        def setup(self):
            self.log = logging.getLogger("own")

        def process(self, record):
            self.log.debug("%d", record.json())
            if record.json():
                raise (Reject if record.json() == 1 else OSError)("not I")
            return self.settings["price"]

    handler = lambda_handler(Own).with_settings(WorkerSettings(report_batch_item_failures=True))
    response = invoke(handler, kafka_event([0, 1, 2]))

    (line,) = capsys.readouterr().out.splitlines()
    assert [item["itemIdentifier"]["offset"] for item in response["batchItemFailures"]] == [1]
    assert (json.loads(line)["service"], json.loads(line)["failed"]) == ("Own", 2)
    assert Handler.of(WorkerHost.open(Own, WorkerSettings()))(0) == 2


def test_a_handler_can_be_told_the_settings_and_takes_them_to_another_process():
    handler = lambda_handler(Doubling).with_settings(WorkerSettings(worker_concurrency=7))

    assert handler.worker().settings.worker_concurrency == 7
    assert pickle.loads(pickle.dumps(handler)).settings.worker_concurrency == 7


def test_the_worker_is_closed_before_its_sinks():
    closed = []

    class Closing(Doubling):
        def close(self):
            closed.append("worker")
            raise OSError("on the way out")

    class Sink:
        def close(self):
            closed.append("sink")

    with pytest.raises(OSError, match="on the way out"):
        WorkerHost(Closing(), Sink(), Sink()).close()
    assert closed == ["worker", "sink", "sink"]


def test_helpers_of_similar_names_are_the_users_own():
    type("Orders", (Doubling,), {"_process": None, "_setup": None, "process_order": None})


class Double:
    """Stands for a function."""

    def __call__(self, record):
        return int(record.value) * 2


class DoubleLater(Double):
    async def __call__(self, record):
        return int(record.value) * 2


async def multiplied(factor, record):
    return int(record.value) * factor


@pytest.mark.parametrize(
    "process",
    [
        Double(),
        DoubleLater(),
        functools.partial(multiplied, 2),
        staticmethod(lambda record: int(record.value) * 2),
        staticmethod(functools.partial(multiplied, 2)),
        classmethod(lambda cls, record, factor=2: int(record.value) * factor),
        lambda self, *records, **more: int(records[0].value) * 2,
        lambda self, record, factor=2, *, plus=0: int(record.value) * factor + plus,
        functools.partialmethod(lambda self, factor, record: int(record.value) * factor, 2),
    ],
)
def test_process_may_be_whatever_can_be_called_with_a_record(process):
    assert results(type("Orders", (Worker,), {"process": process})) == [0, 2, 4]


@pytest.mark.parametrize("wrong", [Doubling(), results, dict, None])
def test_a_handler_is_made_of_the_class_of_a_worker(wrong):
    with pytest.raises(WorkerError, match="is not the class of a worker"):
        lambda_handler(wrong)


def test_what_setup_returns_means_nothing():
    assert results(type("Orders", (Doubling,), {"setup": lambda self: 5})) == [0, 2, 4]


def test_a_base_of_other_workers_need_not_have_them():
    class Base(Worker):
        def setup(self):
            self.factor = 3

    class Orders(Base):
        def process(self, record):
            return int(record.value) * self.factor

    assert results(Orders) == [0, 3, 6]


def test_a_handler_of_a_ready_worker_takes_events():
    assert Handler.of(WorkerHost(type("Four", (Worker,), {"process": lambda *_: 4})()))({}) == 4
