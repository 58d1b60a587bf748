"""The live view: what it says, line by line, and where it keeps silent."""

import re
import sys
import threading
import time

import pytest
from rich.console import Console

from headrace.commands.run import progress as run_progress
from headrace.commands.run.progress import Rate, describe, progress
from headrace.commands.run.status_view import table
from headrace.errors import HeadraceError
from headrace.runner.monitoring.stats import Counts, PartitionStatus, Stats


def lines(stats, most=20, width=80):
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with console.file:
        console.print(table(stats.snapshot(), most))
        return [line.rstrip() for line in console.export_text().splitlines()]


def watched(partitions):
    stats = Stats()
    stats.watch(lambda: partitions)
    return stats


def many(count):
    stats = watched([PartitionStatus(name=f"orders-{n}", committed=n) for n in range(count)])
    stats.set_lag({f"orders-{n}": n * 10 for n in range(count)})
    return stats


def test_partitions(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    stats = watched(
        [
            PartitionStatus(name="orders-10", buffered=1_500, in_flight=100, in_flight_since=97.5),
            PartitionStatus(
                name="orders-9", committed=12_345, tries=2, in_flight=7, in_flight_since=99
            ),
        ]
    )
    stats.set_lag({"orders-9": 250_000})
    assert lines(stats) == [
        "partition      lag  waiting  in flight  since  committed  attempt",
        "orders-9   250,000        0          7  1.0 s     12,345        3",
        "orders-10        ?    1,500        100  2.5 s          0",
    ]


def test_shards_are_behind_in_time():
    stats = watched([PartitionStatus(name="shardId-000000000001", committed=5)])
    stats.set_age({"shardId-000000000001": 61_500})
    assert lines(stats) == [
        "shard                 behind  waiting  in flight  since  committed  attempt",
        "shardId-000000000001  61.5 s        0          0                 5",
    ]


def test_of_120_partitions_the_furthest_behind_are_shown_in_order():
    shown = lines(many(120), most=10)
    assert [line.split()[0] for line in shown[1:-1]] == [f"orders-{n}" for n in range(110, 120)]
    assert shown[-1] == "and 110 more, up to 1,090 behind"
    assert all(len(line) <= 80 for line in shown)


def test_a_partition_that_retries_is_shown_however_far_it_is():
    stats = many(119)
    partitions = [*stats.snapshot().partitions, PartitionStatus(name="orders-119", tries=1)]
    stats.watch(lambda: partitions)
    assert [line.split()[0] for line in lines(stats, most=2)[1:-1]] == ["orders-118", "orders-119"]


def test_a_narrow_terminal_and_a_long_name():
    stats = watched([PartitionStatus(name=f"{'long-' * 30}0", buffered=10**6, committed=10**9)])
    assert all(len(line) <= 80 for line in lines(stats, width=80))
    assert len(lines(stats, width=80)) == 2


def test_the_counts_of_a_quiet_run_are_one_line():
    stats = Stats()
    stats.add(Counts(polled=1_200, done=1_000, committed=900))
    stats.set_lag({"orders-0": 5, "orders-1": 6})
    assert describe(stats.snapshot(), 250.4) == (
        "polled 1,200  done 1,000 (250/s)  committed 900  lag 11"
    )


def test_what_is_out_of_the_ordinary_has_a_line_of_its_own():
    stats = Stats()
    stats.add(Counts(polled=10, retried=3, dead_lettered=2, lost=1_000))
    stats.set_age({"shardId-0": 1_250})
    assert describe(stats.snapshot(), 0).splitlines() == [
        "polled 10  done 0 (0/s)  committed 0  behind 1.2 s",
        "retried 3  dead letters 2  lost 1,000",
    ]


def test_the_rate_is_that_of_the_last_turns():
    rate = Rate()
    assert rate(0, at=10.0) == 0
    assert rate(100, at=10.5) == 200
    for turn in range(10):
        steady = rate(100 + 50 * turn, at=11 + turn)
    assert steady == 50


@pytest.mark.parametrize("shown", [True, False])
def test_without_a_terminal_nothing_is_written(shown, capsys):
    with progress(Stats(), shown=shown):
        pass
    assert capsys.readouterr() == ("", "")


def plain(drawn):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn)


@pytest.fixture
def terminal(monkeypatch, capsys):
    """Standard error as a terminal; standard output as a pipe."""
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda file: file is not sys.stdout)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "12")
    return capsys


def test_the_view_is_drawn_while_the_run_lasts_and_once_at_its_end(terminal, monkeypatch):
    monkeypatch.setattr(run_progress, "_SECONDS", 0.01)
    stats = many(120)
    partitions, looks, seen = stats.snapshot().partitions, [], threading.Event()

    def look():
        looks.append(1)
        if len(looks) > 1:  # the view of the look before has been drawn
            seen.set()
        return partitions

    stats.watch(look)
    stats.add(Counts(done=5))
    with progress(stats, shown=True):
        assert seen.wait(30)
        stats.add(Counts(done=6))
        sys.stdout.write("a line of the log\n")
    out, err = terminal.readouterr()
    assert out == "a line of the log\n"  # piped: the view takes none of it
    first, *_, last = (view.splitlines() for view in plain(err).split("polled")[1:])
    assert "done 5 " in first[0]
    assert "done 11 " in last[0]
    assert last[-1].startswith("and 114 more")
    assert len(last) < 12


def test_without_lanes_there_is_no_table(terminal):
    with progress(Stats(), shown=True):
        pass
    drawn = plain(terminal.readouterr().err)
    assert "polled 0" in drawn
    assert "partition" not in drawn


def test_without_its_extra_a_view_that_is_asked_for_is_refused(terminal, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with (
        pytest.raises(HeadraceError, match=r"headrace\[progress\]"),
        progress(Stats(), shown=True),
    ):
        pass
