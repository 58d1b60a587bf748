"""Arrows between files point one way: from the application to the library, and in no circle."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("headrace", "models", "workers", "training", "demo")
MAY_KNOW = {
    "headrace": set(),
    "models": {"headrace"},
    "workers": {"headrace", "models"},
    "training": {"headrace", "models"},
    "demo": {"headrace", "models", "workers", "training"},
}
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
}


def imported(path):
    """The modules of this tree that a file imports, at its top or anywhere below."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else node.module for name in inner]
        else:
            continue
        yield from (name for name in names if name in FILES)


ARROWS = {name: set(imported(path)) - {name} for name, path in FILES.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_knows_only_what_lies_below_it(package):
    wrong = {
        (name, target)
        for name, targets in ARROWS.items()
        for target in targets
        if name.partition(".")[0] == package
        and target.partition(".")[0] not in MAY_KNOW[package] | {package}
    }

    assert not wrong


def test_no_files_import_each_other_in_a_circle():
    assert circle(ARROWS) is None


@pytest.mark.parametrize("folder", sorted({name.rpartition(".")[0] for name in FILES}))
def test_no_sibling_folders_import_each_other_in_a_circle(folder):
    """Of what lies side by side in a folder, its own __init__ aside."""
    prefix = f"{folder}." if folder else ""
    graph = {}
    for name, targets in ARROWS.items():
        if name.startswith(prefix):
            mine = name.removeprefix(prefix).partition(".")[0]
            near = {
                target.removeprefix(prefix).partition(".")[0]
                for target in targets
                if target.startswith(prefix)
            }
            graph.setdefault(mine, set()).update(near - {mine})

    assert circle(graph) is None


def circle(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return None


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_module_that_prose_names_is_there(name):
    text = FILES[name].read_text()
    dotted = re.findall(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`", text)
    paths = re.findall(rf"\b((?:{'|'.join(PACKAGES)})/[\w/]+\.py)\b", text)

    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [path for path in dotted if not is_there(path)] == []


def is_there(dotted):
    """Whether a dotted name is a module, or something that a module defines."""
    return any(part in FILES for part in (dotted, dotted.rpartition(".")[0]))


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) is not None
    assert circle({"a": {"b", "c"}, "b": {"c"}}) is None
