"""`headrace run`: flags over variables, and one clear line for what is wrong."""

import pytest

from headrace.commands.run.progress import describe
from headrace.errors import SettingsError
from headrace.runner.monitoring.stats import Counts, Stats
from tests.support.run import parse

KAFKA = ("workers.msk_consumer", "--kafka", "h:9092", "--topic", "t")


@pytest.fixture
def started(monkeypatch):
    """What the runner is called with, instead of running."""
    from headrace.runner import compose, stop

    calls = []
    monkeypatch.setattr(compose, "run", lambda *arguments, **_: calls.append(arguments))
    monkeypatch.setattr(stop, "stop_on_signals", lambda stop, **_: None)
    return calls


def test_a_flag_comes_before_its_variable(started, monkeypatch):
    monkeypatch.setenv("HEADRACE_BATCH_SIZE", "7")
    monkeypatch.setenv("HEADRACE_STARTING_POSITION", "LATEST")
    args = parse(*KAFKA, "--batch-size", "9", "--maximum-retry-attempts=-1")
    assert args.func(args) == 0
    ((_, source, settings),) = started
    assert (settings.batch_size, settings.starting_position) == (9, "LATEST")
    assert (source.topic, source.group) == ("t", "headrace-workers.msk_consumer")


def test_consumer_settings_go_through(started):
    args = parse(*KAFKA, "--consumer-config=a.b=1=2", "--consumer-config", "c=")
    args.func(args)
    assert started[0][1].consumer_config == {"a.b": "1=2", "c": ""}


def test_kinesis_keeps_its_checkpoints_by_stream(started):
    args = parse("workers.kinesis_consumer", "--kinesis", "clicks", "--endpoint", "http://h:1")
    args.func(args)
    source = started[0][1]
    assert source.checkpoints == "var/checkpoints/clicks.sqlite"
    assert source.endpoint_url == "http://h:1"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("workers.msk_consumer", "--kafka", "h:1"), "--topic"),
        ((*KAFKA, "--batch-size", "many"), "--batch-size='many'"),
        ((*KAFKA, "--consumer-config", "novalue"), "novalue"),
        (("no_such_worker", *KAFKA[1:]), "no_such_worker"),
    ],
)
def test_what_is_wrong_is_named(started, arguments, named):
    args = parse(*arguments)
    with pytest.raises(SettingsError, match=named):
        args.func(args)
    assert not started


def test_the_progress_line_tells_counts_rate_and_lag():
    stats = Stats()
    stats.add(Counts(polled=1_200, done=1_000, committed=900))
    stats.set_lag({"a-0": 5, "a-1": 6})
    line = describe(stats.snapshot(), 250.0)
    for part in ("polled 1,200", "done 1,000 (250/s)", "committed 900", "lag 11"):
        assert part in line
