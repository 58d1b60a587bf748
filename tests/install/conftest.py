"""The distributions of this tree, and environments in which they are installed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.installed import Environment, build


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def wheel(distributions: tuple[Path, Path]) -> Path:
    """The wheel."""
    return distributions[0]


@pytest.fixture(scope="session")
def environment(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Environment]:
    """Makes an environment with some extras, `environment("kafka,aws")`; the same one if asked."""
    made: dict[str, Environment] = {}

    def make(extras: str = "") -> Environment:
        if extras not in made:
            folder = tmp_path_factory.mktemp("environment") / "venv"
            made[extras] = Environment(folder, wheel, extras)
        return made[extras]

    return make
