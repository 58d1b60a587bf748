"""`headrace new`: every variant is sound as it is written, and nothing is overwritten."""

import re
import subprocess
import sys

import pytest
import yaml

import headrace
from headrace.cli import main
from headrace.commands.new.answers import Answers
from headrace.commands.new.project import files_of
from tests.support.installed import ROOT
from tests.support.new_projects import check


def test_it_has_the_shape_of_this_tree(project, variant):
    folders = {path.name for path in project.iterdir() if path.is_dir()}
    expected = {"workers", "docker", "tests", "demo", "requirements"}
    assert folders == expected | ({"models", "training"} if variant[1] != "none" else set())
    files = {path.name for path in project.iterdir() if path.is_file()}
    assert files >= {"Makefile", "template.yaml", "README.md", ".gitignore", ".dockerignore"}


def test_nothing_of_a_template_is_left(project):
    for path in project.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert "%%" not in text, path
            assert not re.search(r"[ \t]\n", text), path
            assert text.endswith("\n"), path


def test_its_code_is_sound(project):
    ruff, line = ROOT / ".venv/bin/ruff", ("--isolated", "--line-length", "100")
    check(ruff, "check", *line, "--select", "E,F,I,B,UP,SIM,RET", ".", cwd=project)
    check(ruff, "format", *line, "--check", ".", cwd=project)


@pytest.mark.slow
@pytest.mark.parametrize("variant", [("kafka", "none"), ("kafka", "onnx")], ids="-".join)
def test_its_workers_are_typed(project):
    # Of the library only the types count, as if it were installed.
    command = (ROOT / ".venv/bin/mypy", "--strict", "--follow-imports", "silent", "workers")
    check(*command, cwd=project, env={"MYPYPATH": str(ROOT)})


def test_its_answers_are_recorded(project, variant):
    told = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert told == {
        "_commit": headrace.__version__,
        "_src_path": "headrace",
        "project_name": "shop",
        "source": variant[0],
        "model": variant[1],
    }


def test_its_targets_are_those_that_its_readme_names(project):
    makefile = (project / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = re.findall(r"(?:`|^)make ([a-z]+)", (project / "README.md").read_text(), re.MULTILINE)
    assert {"demo", "test"} <= set(named) <= targets
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(phony.split()) == targets


@pytest.mark.parametrize("variant", [("kafka", "none")], ids="-".join)
def test_a_python_that_is_too_old_makes_no_environment(project, tmp_path):
    old = tmp_path / "python"
    old.write_text(
        f"#!{sys.executable}\nimport sys\nsys.version_info = (3, 10)\nexec(sys.argv[2])\n"
    )
    old.chmod(0o755)
    command = ["make", f"PYTHON={old}", ".venv/uv"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.startswith("Python 3.11 or newer is needed: make PYTHON=...\n")
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("name", ["true", "null", "on"])
def test_a_name_that_yaml_takes_for_something_else_is_still_a_name(name):
    answers = files_of(Answers(name, "kafka", "none"))[".copier-answers.yml"]
    assert yaml.safe_load(answers)["project_name"] == name


@pytest.mark.parametrize(
    "name",
    ["Shop", "1shop", "my_shop", "-shop", "../shop", "a" * 41, "a" + "-a" * 20, "a--b", "a-"],
)
def test_a_name_that_no_image_can_have_is_refused(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "--", name]) == 1
    assert "is no name for a project" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    assert main(["new", "shop"]) == 1
    assert capsys.readouterr().err == "headrace: shop is there already: nothing was written\n"
    assert list((tmp_path / "shop").iterdir()) == []


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("headrace.commands.new.command.files_of", lambda _: {"a": "1", "a/b": "2"})
    assert main(["new", "shop"]) == 1
    assert capsys.readouterr().err == "headrace: shop: File exists: nothing was written\n"
    assert list(tmp_path.iterdir()) == []


def test_the_variants_share_what_does_not_differ():
    kafka, http = (files_of(Answers("shop", source, "none")) for source in ("kafka", "http"))
    assert kafka["workers/orders.py"] == http["workers/orders.py"]
    assert kafka["tests/test_orders.py"] == http["tests/test_orders.py"]
