"""A server of images, and who vouches for it."""

import pytest

from tests.support.images.network import BODY
from tests.support.images.server import Authority, ImageServer, answer


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server():
    with ImageServer({"/a": answer(BODY)}) as running:
        yield running
