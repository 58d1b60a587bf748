"""MiniStack for tests: one server a session, from the environment that `make test` makes for it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.testing.conformance.stand_ins.ministack import COMMAND, MiniStackServer

_INSTALLED = Path(__file__).parents[2] / ".venv-bench-conformance" / "bin" / "ministack"


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. It has Kinesis, DynamoDB with its streams, and SQS."""
    command = os.environ.get(COMMAND) or shutil.which("ministack") or str(_INSTALLED)
    if shutil.which(command) is None:
        pytest.skip("no MiniStack here: make .venv-bench-conformance/peers installs it")
    server = MiniStackServer(tmp_path_factory.mktemp("ministack"), command)
    yield server.endpoint
    server.kill()
