"""A template on the disk."""

import pytest

from tests.support import sam
from tests.support.invoke_config import OWN, TEMPLATE


@pytest.fixture
def template(tmp_path):
    def write(config: str = OWN) -> str:
        return sam.write(tmp_path, TEMPLATE.replace("CONFIG", config))

    return write
