"""Runs of workers whose results go to a topic in transactions."""

import threading

import pytest

from headrace import Worker, lambda_handler
from headrace.runner import KafkaSource, MappingSettings, Stats, Stop, run
from headrace.worker import WorkerSettings
from tests.support.kafka.broker import produce
from tests.support.kafka.results import COUNT, Results
from tests.support.kafka.runs import QUICK


class Life:
    """A run in a thread of its own.

    Args:
        bootstrap: the broker.
        topic: what it reads; the name of its group, too.
        url: of its sink.
        process: of the worker.
        dead_letters: where rejected records go.
        source: further fields of KafkaSource.
        settings: fields of MappingSettings.
    """

    def __init__(
        self, bootstrap, topic, url, process, dead_letters=None, source=None, **settings
    ) -> None:
        kind = type("Work", (Worker,), {"process": lambda self, record: process(record)})
        worker = WorkerSettings(sink_url=url, dead_letter_url=dead_letters)
        self.handler = lambda_handler(kind).with_settings(worker)
        given = {"bootstrap_servers": bootstrap, "topic": topic, "group": topic, **(source or {})}
        self.source = KafkaSource(**given)
        self.settings = MappingSettings(**{**QUICK, "dead_letter_url": dead_letters, **settings})
        self.stats, self.stop = Stats(), Stop()
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def end(self, seconds=60) -> None:
        """Ask it to stop, and wait for it."""
        self.stop.request()
        self.thread.join(seconds)
        assert not self.thread.is_alive()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            run(self.handler, self.source, self.settings, stats=self.stats, stop=self.stop)
        except BaseException as error:
            self.error = error


@pytest.fixture
def lives(kafka):
    """Starts runs; none outlives its test."""
    started = []

    def start(topic, url, process, **more):
        started.append(Life(kafka.bootstrap, topic, url, process, **more))
        return started[-1]

    yield start
    for life in started:
        life.end()


@pytest.fixture
def results(kafka):
    """Makes readers of topics."""
    made = []

    def make(topic, partitions=1):
        made.append(Results(kafka.bootstrap, topic, partitions))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def numbers(kafka, topic):
    """A topic of numbers."""
    name = topic(3)
    produce(kafka.bootstrap, name, range(COUNT))
    return name


@pytest.fixture
def out(topic):
    """A topic for results."""
    return topic(2)
