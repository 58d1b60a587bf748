import msgspec
import pytest

from training.detector.history import History
from training.detector.presets import PRESETS, Gate
from training.detector.run_folder import IDENTITY, Identity, RunError, alone, enter

RUN = Identity(recipe=PRESETS["quick"], seed=1, data="abc")


def test_a_run_is_resumed_in_its_own_folder(tmp_path):
    out = tmp_path / "new" / "run"
    enter(out, RUN, resume=True)
    (out / "checkpoint").touch()
    gate = Gate(map_50=0, map_50_95=0)
    recipe = msgspec.structs.replace(RUN.recipe, gate=gate)  # another gate is still the same run
    enter(out, msgspec.structs.replace(RUN, recipe=recipe), resume=True)
    assert (out / "checkpoint").exists()


@pytest.mark.parametrize("change", [{"recipe": PRESETS["long"]}, {"seed": 2}, {"data": "abd"}])
def test_another_run_is_not_resumed(tmp_path, change):
    enter(tmp_path, RUN, resume=False)
    with pytest.raises(RunError, match="other settings or data"):
        enter(tmp_path, msgspec.structs.replace(RUN, **change), resume=True)


def test_a_new_run_begins_in_an_empty_folder(tmp_path):
    enter(tmp_path, RUN, resume=False)
    (tmp_path / "checkpoint").touch()
    enter(tmp_path, RUN, resume=False)
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize("left", [b"", b'{"seed": 1}'])
def test_what_a_killed_run_left_is_no_run_to_resume_and_is_cleared_by_a_new_one(tmp_path, left):
    (tmp_path / IDENTITY).write_bytes(left)
    with pytest.raises(RunError, match="does not say which run it is"):
        enter(tmp_path, RUN, resume=True)
    enter(tmp_path, RUN, resume=False)
    enter(tmp_path, RUN, resume=True)


def test_two_runs_do_not_share_a_folder(tmp_path):
    out = tmp_path / "run"
    with alone(out), pytest.raises(RunError, match="another run is at work there"), alone(out):
        pytest.fail("both are in")
    with alone(out):
        enter(out, RUN, resume=False)  # it keeps the folder, and so the lock


def test_a_folder_that_is_no_runs_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(RunError, match="is not empty"):
        enter(tmp_path, RUN, resume=False)
    assert (tmp_path / "thesis.txt").exists()


def test_history_forgets_a_line_that_is_not_whole(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"step":10}\n{"st')
    assert History(path, 20).rows == [{"step": 10}]
    assert path.read_bytes() == b'{"step":10}\n'


def test_history_forgets_what_came_after_the_checkpoint(tmp_path):
    path = tmp_path / "history.jsonl"
    first = History(path, 0)
    for step in (10, 20, 30):
        first.add({"step": step, "class_loss": 0.5})
    resumed = History(path, 20)
    resumed.add({"step": 30, "class_loss": 0.4})
    assert History(path, 99).rows == [
        {"step": 10, "class_loss": 0.5},
        {"step": 20, "class_loss": 0.5},
        {"step": 30, "class_loss": 0.4},
    ]
