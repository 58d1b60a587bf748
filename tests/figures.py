"""Print four figures of the tree's structure, which `make lint` shows and does not enforce."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.imports import FILES, ROOT, arrows, circles, closure

_FOLDERS = ("benchmarks", "demo", "headrace", "models", "tests", "training", "workers")
_MOST_MODULES = 30
_MOST_LINES = 200
_MOST_METHODS = 15


def main() -> None:
    """Print them, each with the places that make it what it is."""
    graph = arrows()
    closures = {name: len(closure(graph, name)) for name in FILES if name.endswith(".poller")}
    largest = max(closures, key=closures.__getitem__)
    _show(f"modules that {largest} imports (goal: {_MOST_MODULES})", closures[largest], [])
    paths = [path for folder in _FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    files = list(_long_files(paths))
    _show(f"files over {_MOST_LINES} lines, tests included", len(files), files)
    classes = [place for path in paths for place in _large_classes(path)]
    _show(f"classes over {_MOST_METHODS} public methods", len(classes), classes)
    found = circles(graph)
    _show("circles of imports", len(found), [", ".join(sorted(group)) for group in found])


def _long_files(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        lines = len(path.read_text().splitlines())
        if lines > _MOST_LINES:
            yield f"{path.relative_to(ROOT)}: {lines}"


def _large_classes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            methods = {
                part.name
                for part in node.body
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
                and not part.name.startswith("_")
            }
            if len(methods) > _MOST_METHODS:
                yield f"{path.relative_to(ROOT)}: {node.name} has {len(methods)}"


def _show(what: str, count: int, places: list[str]) -> None:
    sys.stdout.write(f"{count:4}  {what}\n" + "".join(f"        {place}\n" for place in places))


if __name__ == "__main__":
    main()
