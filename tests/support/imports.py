"""Which file of this tree imports which: at its top, in a function, or for types alone."""

import ast
import functools
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("headrace", "models", "workers", "training", "demo")
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
}

Graph = Mapping[str, set[str]]


@functools.cache  # it reads every file
def arrows() -> dict[str, set[str]]:
    """Return what each module imports of this tree."""
    return {name: set(_imported(path)) - {name} for name, path in FILES.items()}


def circle(graph: Graph) -> str | None:
    """Return one circle of a graph, written as `a -> b -> a`, if there is any."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return None


def circles(graph: Graph) -> list[set[str]]:
    """Return the groups of modules that reach each other."""
    reached = {name: closure(graph, name) for name in graph}
    groups = {
        frozenset(other for other in found if name in reached[other])
        for name, found in reached.items()
    }
    return sorted((set(group) for group in groups if len(group) > 1), key=min)


def closure(graph: Graph, name: str) -> set[str]:
    """Return a module and all that it imports, directly or not."""
    found: set[str] = set()
    ahead = {name}
    while ahead:
        found |= ahead
        ahead = set().union(*(graph[module] for module in ahead)) - found
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else node.module for name in inner]
        else:
            continue
        yield from (name for name in names if name in FILES)
