"""Progress: plain lines where nobody can see a bar."""

from training.progress import track


def test_plain_lines_when_not_on_a_terminal(capsys):
    assert list(track(range(50), 50, "folding")) == list(range(50))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"folding: {done}/50" for done in (10, 20, 30, 40, 50)]


def test_fewer_steps_than_lines(capsys):
    assert list(track("ab", 2, "folding")) == ["a", "b"]
    assert capsys.readouterr().err == "folding: 1/2\nfolding: 2/2\n"


def test_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # makes rich take the stream for a terminal
    monkeypatch.setenv("TERM", "xterm")
    assert list(track(range(3), 3, "folding")) == [0, 1, 2]
    shown = capsys.readouterr().err
    assert "3/3" in shown
    assert "━" in shown
