"""What the tests of `headrace new` share."""

import pytest

from headrace.cli import main
from tests.support.new_projects import VARIANTS


def pytest_generate_tests(metafunc):
    """Each test is about all variants, unless it says about which."""
    named = {
        name for mark in metafunc.definition.iter_markers("parametrize") for name in mark.args[:1]
    }
    if "variant" in metafunc.fixturenames and "variant" not in named:
        metafunc.parametrize("variant", VARIANTS, ids="-".join)


@pytest.fixture
def project(variant, tmp_path, monkeypatch):
    """A new project, the working directory beside it."""
    monkeypatch.chdir(tmp_path)
    source, model = variant
    assert main(["new", "shop", "--source", source, "--model", model]) == 0
    return tmp_path / "shop"
