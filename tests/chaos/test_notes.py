"""What the chaos runs on queues and tables are judged by."""

from tests.support.notes import Notes


def test_notes_are_read_as_they_grow(tmp_path):
    notes = Notes(tmp_path / "notes")
    assert notes.count() == 0
    notes.path.write_text("a 0\nb 0\na ")
    assert notes.count() == 2
    with notes.path.open("a") as file:
        file.write("1\nb 0\n")
    assert notes.count() == 3
    assert notes.all == [("a", 0), ("b", 0), ("a", 1), ("b", 0)]


def test_a_key_may_go_back_and_must_not_skip(tmp_path):
    notes = Notes(tmp_path / "notes")
    notes.path.write_text("a 0\na 1\na 0\na 1\na 2\nb 0\nb 2\n")
    notes.count()
    assert notes.skipped() == ["b: 2 after 0"]
