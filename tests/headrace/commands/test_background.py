"""What a command has started in the background: found again, and not taken for another."""

from pathlib import Path

import pytest

from headrace.commands.background import Background
from headrace.errors import SettingsError


def test_what_runs_is_found_at_its_port_and_refused_at_another(tmp_path: Path) -> None:
    """GIVEN one that runs, WHEN a start names another port, THEN it does not succeed."""
    background = Background(tmp_path / "note.json", lambda _: True)
    assert background.running_at(9092) is None
    background.note({"port": 9092})
    assert background.running_at(None) == background.running_at(9092) == {"port": 9092}
    with pytest.raises(SettingsError, match="at port 9092: stop it first"):
        background.running_at(19092)


@pytest.mark.parametrize("note", ["", '{"por', "[]", "{}"])
def test_a_note_that_says_nothing_is_removed(tmp_path: Path, note: str) -> None:
    written = tmp_path / "note.json"
    written.write_text(note)
    assert Background(written, lambda state: bool(state["pid"])).running() is None
    assert not written.exists()
