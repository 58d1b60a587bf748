"""The real runtime interface emulator, with the real runtime client behind it, as two processes."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
# Where the image tests put it, and where the tools of deployment bring it.
_PLACES = (
    "var/images/aws-lambda-rie",
    ".venv-deploy/lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64",
)


@contextmanager
def emulator(folder: Path, handler: str, **env: str) -> Iterator[str]:
    """Run a handler, named as AWS Lambda does, behind the emulator. Gives its URL.

    It takes one invocation at a time.
    """
    address, runtime = (f"127.0.0.1:{port}" for port in _free_ports(2))
    command = [
        *(_binary(), "--log-level", "error"),
        *("--runtime-interface-emulator-address", address, "--runtime-api-address", runtime),
        *(sys.executable, "-m", "awslambdaric", handler),
    ]
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            stdout=log,
            stderr=log,
        )
    try:
        yield f"http://{address}"
    finally:
        for started in psutil.Process(process.pid).children(recursive=True):
            started.kill()
        process.kill()
        process.wait()


def _binary() -> str:
    found = [path for place in _PLACES for path in ROOT.glob(place)]
    binary = shutil.which("aws-lambda-rie") or (str(found[0]) if found else None)
    if binary is None:
        pytest.skip("the runtime interface emulator is not here: it comes with aws-sam-cli")
    return binary


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in held]
