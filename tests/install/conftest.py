"""The distributions of this tree, and environments in which they are installed.

All processes of a test run share them: each is made once.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.doubler import TEMPLATE, WORKER
from tests.support.installed import Environment, build, built
from tests.support.shared import shared


@pytest.fixture(scope="session")
def distributions(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Path]]:
    """The wheel and the source distribution."""

    @contextmanager
    def make() -> Iterator[str]:
        folder = tmp_path_factory.mktemp("dist")
        build(folder)
        yield str(folder)

    with shared(request, "distributions", make()) as folder:
        yield built(Path(folder))


@pytest.fixture(scope="session")
def wheel(distributions: tuple[Path, Path]) -> Path:
    """The wheel."""
    return distributions[0]


@pytest.fixture(scope="session")
def environment(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Environment]]:
    """Makes an environment with some extras, `environment("kafka,aws")`; the same one if asked."""
    known: dict[str, Environment] = {}

    @contextmanager
    def make(extras: str) -> Iterator[str]:
        folder = tmp_path_factory.mktemp("environment") / "venv"
        Environment(folder, wheel, extras)
        yield str(folder)

    def environment(extras: str = "") -> Environment:
        if extras not in known:
            folder = stack.enter_context(shared(request, f"environment-{extras}", make(extras)))
            known[extras] = Environment(Path(folder))
        return known[extras]

    with ExitStack() as stack:
        yield environment


@pytest.fixture
def folder(tmp_path):
    """A user's folder: a worker, numbers for it, a template and a schema."""
    (tmp_path / "doubler.py").write_text(WORKER)
    (tmp_path / "numbers.jsonl").write_text("1\n2\n3\n")
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "order.avsc").write_text('"int"')
    return tmp_path
