"""Writing actions of the store in processes that are killed, hundreds of them.

A fork of pytest, with all that it has imported, takes ten times as long as one of this process.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headrace.store import safe_read
from tests.support.models.store import FILES, die_in

_ROOT = Path(__file__).parents[3]
_NEVER = 1 << 30


class Dying:
    """Runs actions by a small process that forks for each of them.

    Args:
        process: that process.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def at_step(self, action: str, root: Path, step: int) -> bool:
        """Run `die_in`.

        Returns:
            Whether it was killed; if not, it had fewer steps than that, and finished.
        """
        code = self._exit_code(action, root, step)
        assert code in (0, -signal.SIGKILL), code
        return code != 0

    def in_a_file(self, root: Path, limit: int) -> int:
        """Publish where no file may have more than so many bytes. Returns the exit code."""
        return self._exit_code("publish", root, _NEVER, limit)

    def _exit_code(self, action: str, root: Path, step: int, limit: int | None = None) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([action, str(root), step, limit]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def running() -> Iterator[Dying]:
    """The process, for as long as the block lasts."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Dying(process)


def _serve() -> None:
    safe_read._PAUSES_SECONDS = ()  # only the order of the steps matters
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_run(*json.loads(line)))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(action: str, root: str, step: int, limit: int | None) -> int:
    try:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        die_in(action, Path(root), step, FILES)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve()
