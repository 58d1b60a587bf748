"""What the tests of `headrace dead-letters` share."""

import pytest

from tests.support.dead_letters import GIVEN_UP, REJECTED, fill


@pytest.fixture
def file(tmp_path):
    """The URL of a file with two letters: of a Reject, and of a record that was given up."""
    url = f"file:{tmp_path}/letters.jsonl"
    fill(url, REJECTED, give_up=[GIVEN_UP])
    return url
