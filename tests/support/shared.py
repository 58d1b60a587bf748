"""A server that all processes of a test run share: the first that needs it starts it.

An idle Kafka takes two seconds of a processor in a minute; one for each process is dear.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

_STARTED = pytest.StashKey[ExitStack]()


@contextmanager
def shared(
    request: pytest.FixtureRequest, name: str, server: AbstractContextManager[str]
) -> Iterator[str]:
    """The address of a server, for as long as this process needs it.

    Args:
        request: of the fixture that hands it out, of the scope "session".
        name: of the server.
        server: starts it, gives its address and stops it; not entered if one runs already.
    """
    path = _folder(request) / name
    with path.with_suffix(".users").open("w") as users:
        with _locked(path):
            address = _running(path) or _start(request.config, path, server)
            fcntl.flock(users, fcntl.LOCK_SH)
        yield address


@pytest.hookimpl(trylast=True)  # after Ctrl-C, fixtures end only then
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop what this process started. Its fixtures have ended: it uses no other's server now."""
    session.config.stash.get(_STARTED, ExitStack()).close()


def _running(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _start(config: pytest.Config, path: Path, server: AbstractContextManager[str]) -> str:
    stack = config.stash.setdefault(_STARTED, ExitStack())
    address = stack.enter_context(server)
    stack.callback(_withdraw, path)
    path.write_text(address)
    return address


def _withdraw(path: Path) -> None:
    """Wait until nobody uses a server, and let who comes later start another."""
    while not _withdrawn(path):
        time.sleep(0.1)


def _withdrawn(path: Path) -> bool:
    with _locked(path), path.with_suffix(".users").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        path.unlink()
        return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _folder(request: pytest.FixtureRequest) -> Path:
    """Where the processes of this test run meet."""
    own: Path = request.getfixturevalue("tmp_path_factory").getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
