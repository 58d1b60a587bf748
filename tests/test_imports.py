"""Arrows between files point one way: from the application to the library, and in no circle."""

import re

import pytest

from tests.support.imports import FILES, PACKAGES, ROOT, arrows, circle, circles, closure

MAY_KNOW = {
    "headrace": set(),
    "models": {"headrace"},
    "workers": {"headrace", "models"},
    "training": {"headrace", "models"},
    "demo": {"headrace", "models", "workers", "training"},
}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_knows_only_what_lies_below_it(package):
    wrong = {
        (name, target)
        for name, targets in arrows().items()
        for target in targets
        if name.partition(".")[0] == package
        and target.partition(".")[0] not in MAY_KNOW[package] | {package}
    }

    assert not wrong


def test_no_files_import_each_other_in_a_circle():
    assert circle(arrows()) is None


@pytest.mark.parametrize("folder", sorted({name.rpartition(".")[0] for name in FILES}))
def test_no_sibling_folders_import_each_other_in_a_circle(folder):
    """Of what lies side by side in a folder, its own __init__ aside."""
    prefix = f"{folder}." if folder else ""
    graph = {}
    for name, targets in arrows().items():
        if name.startswith(prefix):
            mine = name.removeprefix(prefix).partition(".")[0]
            near = {
                target.removeprefix(prefix).partition(".")[0]
                for target in targets
                if target.startswith(prefix)
            }
            graph.setdefault(mine, set()).update(near - {mine})

    assert circle(graph) is None


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
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None


def test_modules_that_reach_each_other_are_one_group():
    graph = {"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"e"}, "e": {"c"}, "f": {"a"}}
    assert circles(graph) == [{"a", "b"}, {"c", "d", "e"}]
    assert closure(graph, "b") == {"a", "b", "c", "d", "e"}
