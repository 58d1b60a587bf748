"""Checkpoints are durable, monotone, and belong to one runner."""

import pytest

from workers.errors import SettingsError
from workers.runner.checkpoint import Checkpoint, Checkpoints

LOW = "49590338271490256608559692538361571095921575989136588898"
HIGH = "49590338271490256608559692540925702759324208523137515618"
LONGER = "149590338271490256608559692538361571095921575989136588898"


def test_they_outlive_the_process_that_wrote_them(tmp_path):
    path = tmp_path / "sub" / "clicks.sqlite"
    with Checkpoints(path) as checkpoints:
        checkpoints.advance("s", {"shard-0": LOW, "shard-1": HIGH})
        checkpoints.finish("s", "shard-1")
    with Checkpoints(path) as checkpoints:
        assert checkpoints.load("s") == {
            "shard-0": Checkpoint(LOW, None, finished=False),
            "shard-1": Checkpoint(HIGH, None, finished=True),
        }
        assert checkpoints.load("another") == {}


@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [(LOW, HIGH, HIGH), (HIGH, LOW, HIGH), (HIGH, LONGER, LONGER), ("9", "10", "10")],
)
def test_they_never_move_backwards(tmp_path, first, then, kept):
    with Checkpoints(tmp_path / "c.sqlite") as checkpoints:
        checkpoints.advance("s", {"shard-0": first})
        checkpoints.advance("s", {"shard-0": then})
        assert checkpoints.load("s")["shard-0"].sequence_number == kept


def test_a_start_at_the_end_is_remembered_and_does_not_undo_progress(tmp_path):
    with Checkpoints(tmp_path / "c.sqlite") as checkpoints:
        checkpoints.begin("s", ["a", "b"], 12.5)
        checkpoints.advance("s", {"a": LOW})
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
