"""What holds for every test: how many processes share them, in which order, by which marks."""

import gc
import importlib
import logging
import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from unittest import mock

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from headrace.settings import variable
from headrace.worker import WorkerSettings

pytest_plugins = [
    "pytester",
    "headrace.testing.fixtures",
    "tests.support.shared",
    "tests.support.kafka.broker",
    "tests.support.kinesis.stand_ins",
    "tests.support.ministack",
    "tests.support.sqs.stand_in",
    "tests.support.postgres",
    "tests.support.redis",
    "tests.support.strict",
]

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# A thread of OpenMP that waits for others spins otherwise, and takes the processor from them.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

_MOST_PROCESSES = 8  # each of them takes seconds, and memory, to collect all tests
_MARK_OF_FIXTURE = {
    "kafka": "kafka",
    "lone_kafka": "kafka",
    "moto_server": "kinesis",
    "kinesis_mock": "kinesis",
    "headrace_kinesis": "kinesis",
    "elasticmq": "kinesis",
    "ministack": "kinesis",
    "postgres": "postgres",
}
_TENSORFLOW = (
    "tests/training/detector/",
    "tests/headrace/inference/test_tensorflow_models.py",
    "tests/headrace/runtimes/test_tensorflow_operations.py",
)
# Seconds of a test, roughly: enough to tell which files to begin with.
_SECONDS = {"slow": 10.0, "containers": 5.0, "kafka": 4.0, "kinesis": 3.0, "postgres": 1.0}


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Six processes more than processors, since most tests wait; a file alone gets none."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # pytest-xdist reads it
    named = {argument.partition("::")[0] for argument in config.args}
    if len(named) == 1 and Path(*named).is_file():
        return 0
    return min((os.cpu_count() or 1) + 6, _MOST_PROCESSES)


class _ByFile(LoadFileScheduling):  # type: ignore[misc]
    """One process after the other takes a file; one takes all of those that load TensorFlow."""

    def _split_scope(self, nodeid: str) -> str:
        return _share(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _ByFile | None:
    """Share the files, unless the command line wants something else."""
    return _ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage. There is little, among a million objects that stay:
    to go through them again and again takes a quarter of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test by the brokers that it asks for."""
    for fixture, mark in _MARK_OF_FIXTURE.items():
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process works alone at the end."""
    if not hasattr(config, "workerinput"):
        return  # one process: the order of the files is easier to follow
    seconds: defaultdict[str, float] = defaultdict(float)
    for item in items:
        seconds[_share(item.nodeid)] += _seconds(item)
    items.sort(key=lambda item: seconds[_share(item.nodeid)], reverse=True)


def _share(nodeid: str) -> str:
    """What goes to one process as a whole: a file, or all that loads TensorFlow."""
    file = nodeid.partition("::")[0]
    return "tensorflow" if file.startswith(_TENSORFLOW) else file


def _seconds(item: pytest.Item) -> float:
    """About how long a test takes."""
    marks = {mark.name: mark for mark in item.iter_markers()}
    guesses = (
        marks[name].kwargs.get("seconds", default)
        for name, default in _SECONDS.items()
        if name in marks
    )
    return next(guesses, 0.1)


@pytest.fixture(autouse=True)
def _no_configuration_from_outside(monkeypatch):
    for field in WorkerSettings.__struct_fields__:
        monkeypatch.delenv(variable(field), raising=False)


@pytest.fixture(autouse=True)
def _log_levels_as_they_were():
    """A command that runs in this process says what is logged from then on."""
    loggers = (logging.getLogger(), logging.getLogger("headrace"))
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture
def trials_without_keras(monkeypatch):
    """A process that tries a SavedModel loads TensorFlow, and that loads Keras 3 with all that it
    finds, scikit-learn and Matplotlib too, for seconds; no SavedModel of the tests needs it."""
    importlib.import_module("tensorflow")  # in this process, with Keras
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")  # Keras 2, which is not installed


@pytest.fixture
def own_environment():
    """Variables that a test sets are gone after it. Replaced, `os.environ` would stay in what
    remembers it, such as boto3's session."""
    with mock.patch.dict(os.environ):
        yield
