"""Checkpoints are durable, monotone, and belong to one runner."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from headrace.errors import SettingsError
from headrace.runner.shards.checkpoints import Checkpoint, Checkpoints

LOW = "49590338271490256608559692538361571095921575989136588898"
HIGH = "49590338271490256608559692540925702759324208523137515618"
LONGER = "149590338271490256608559692538361571095921575989136588898"


def test_they_outlive_the_process_that_wrote_them(tmp_path):
    path = tmp_path / "sub" / "clicks.sqlite"
    with Checkpoints(path) as checkpoints:
        checkpoints.advance("s", [("shard-0", LOW, None), ("shard-1", HIGH, 3)])
        checkpoints.finish("s", "shard-1")
    with Checkpoints(path) as checkpoints:
        assert checkpoints.load("s") == {
            "shard-0": Checkpoint(LOW, None, finished=False),
            "shard-1": Checkpoint(HIGH, None, finished=True, sub_sequence_number=3),
        }
        assert checkpoints.load("another") == {}


@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [
        ((LOW, None), (HIGH, None), (HIGH, None)),
        ((HIGH, None), (LOW, None), (HIGH, None)),
        ((HIGH, None), (LONGER, None), (LONGER, None)),
        (("9", None), ("10", None), ("10", None)),
        ((LOW, 2), (LOW, 10), (LOW, 10)),
        ((LOW, 10), (LOW, 2), (LOW, 10)),
        ((LOW, 10), (LOW, None), (LOW, None)),
        ((LOW, None), (LOW, 10), (LOW, None)),
        ((LOW, 10), (HIGH, 0), (HIGH, 0)),
        ((HIGH, 0), (LOW, None), (HIGH, 0)),
    ],
)
def test_they_never_move_backwards(tmp_path, first, then, kept):
    with Checkpoints(tmp_path / "c.sqlite") as checkpoints:
        checkpoints.advance("s", [("shard-0", *first)])
        checkpoints.advance("s", [("shard-0", *then)])
        found = checkpoints.load("s")["shard-0"]
        assert (found.sequence_number, found.sub_sequence_number) == kept


def test_several_shards_move_together_or_not_at_all(tmp_path):
    with Checkpoints(tmp_path / "c.sqlite") as checkpoints:
        with pytest.raises(sqlite3.Error):
            checkpoints.advance("s", [("a", LOW, None), ("b", object(), None)])
        assert checkpoints.load("s") == {}


def test_a_file_of_a_version_without_sub_sequence_numbers_is_carried_on(tmp_path):
    path = tmp_path / "c.sqlite"
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(
            "CREATE TABLE checkpoints (stream TEXT NOT NULL, shard TEXT NOT NULL,"
            " sequence_number TEXT, started_at REAL, finished INTEGER NOT NULL DEFAULT 0,"
            " PRIMARY KEY (stream, shard))"
        )
        old.execute("INSERT INTO checkpoints VALUES ('s', 'a', ?, NULL, 0)", (LOW,))
    with Checkpoints(path) as checkpoints:
        assert checkpoints.load("s") == {"a": Checkpoint(LOW, None, finished=False)}
        checkpoints.advance("s", [("a", HIGH, 4)])
    with Checkpoints(path) as checkpoints:
        assert checkpoints.load("s")["a"].sub_sequence_number == 4


def test_a_start_at_the_end_is_remembered_and_does_not_undo_progress(tmp_path):
    with Checkpoints(tmp_path / "c.sqlite") as checkpoints:
        checkpoints.begin("s", ["a", "b"], 12.5)
        checkpoints.advance("s", [("a", LOW, None)])
        checkpoints.begin("s", ["a", "b"], 99.0)
        assert checkpoints.load("s") == {
            "a": Checkpoint(LOW, 12.5, finished=False),
            "b": Checkpoint(None, 12.5, finished=False),
        }


def test_a_second_runner_is_refused(tmp_path):
    path = tmp_path / "c.sqlite"
    with Checkpoints(path), pytest.raises(SettingsError, match="another runner"):
        Checkpoints(path)


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(SettingsError, match=r"c\.sqlite"):
        Checkpoints(path)


def a_folder(path):
    path.mkdir()


def a_file_in_the_way_of_its_folder(path):
    path.parent.rmdir()
    path.parent.write_text("")


def a_table_of_somebody_else(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE checkpoints (stream TEXT, offset INTEGER)")


def a_damaged_page(path):
    with Checkpoints(path) as checkpoints:
        for number in range(300):
            checkpoints.advance("s", [(f"shard-{number:0200}", LOW, None)])
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


@pytest.mark.parametrize(
    "spoil",
    [a_folder, a_file_in_the_way_of_its_folder, a_table_of_somebody_else, a_damaged_page],
)
def test_a_file_that_cannot_be_used_is_one_line_that_names_it(spoil, tmp_path):
    path = tmp_path / "folder" / "clicks.sqlite"
    path.parent.mkdir()
    spoil(path)
    complaint = pytest.raises(SettingsError, match=r"^checkpoints .*clicks.sqlite: .+$")
    with complaint, Checkpoints(path) as checkpoints:
        checkpoints.load("s")


def test_what_is_written_is_in_the_files_before_the_call_returns(tmp_path):
    """So a process that is killed right after has left it behind."""
    path = tmp_path / "c.sqlite"
    with Checkpoints(path) as checkpoints:
        checkpoints.advance("s", [("a", LOW, None)])
        for name in ("c.sqlite", "c.sqlite-wal"):
            shutil.copy(tmp_path / name, tmp_path / f"left-{name[2:]}")
    with Checkpoints(tmp_path / "left-sqlite") as checkpoints:
        assert checkpoints.load("s")["a"].sequence_number == LOW
