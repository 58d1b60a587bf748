"""What the tests of downloads share."""

import pytest

from tests.support.downloads import Server


@pytest.fixture
def server():
    """The server."""
    with Server() as running:
        yield running


@pytest.fixture
def target(tmp_path):
    """Where a download goes."""
    return tmp_path / "model"
