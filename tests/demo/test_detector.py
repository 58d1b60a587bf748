"""The demo's detector, with npm and without it."""

import pytest

from demo.detector import detect
from training.detector.importing import open_images

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    monkeypatch.setenv("HEADRACE_IMAGE_ALLOW_HOSTS", "")  # and put back afterwards


def test_it_finds_a_cat_a_cup_and_a_person(tmp_path, capsys):
    if open_images.npm() is None:
        pytest.skip("npm is not installed")

    assert detect(tmp_path)
    told = capsys.readouterr().out
    for picture, entity in (("chelsea", "Cat"), ("coffee", "Coffee cup"), ("astronaut", "Person")):
        assert f"{picture}.png -> {entity} (0." in told
        assert (tmp_path / f"{picture}.boxes.png").read_bytes().startswith(b"\x89PNG")


def test_without_npm_it_finds_digits_and_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    assert detect(tmp_path)
    told = capsys.readouterr().out
    assert "npm is not installed" in told
    assert (tmp_path / "digits.boxes.png").exists()
