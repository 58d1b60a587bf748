"""Trying a version in a process of its own, so that one that crashes or hangs harms nothing else.

A model file is input to a native library. One changed byte can end the process that loads it, or
keep it busy for ever; no `except` helps against either. So a candidate loads in a child first, and
answers its golden samples there.
"""

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from headrace.child_environment import child_environment
from headrace.errors import HeadraceError
from headrace.store.errors import TrialError
from headrace.store.importable import check_importable
from headrace.store.model_store import ModelStore
from headrace.store.version import Version

if TYPE_CHECKING:
    from headrace.store.signing import VerifyKey

Load = Callable[[Version], Any]

_POLITENESS = 5  # added to the child's niceness: whoever serves goes first
_LINGER_SECONDS = 5
_SHOWN = 500


class _Task(NamedTuple):
    load: Load
    root: Path
    model: str
    name: str
    verify_key: "VerifyKey | None"
    seconds: float


def attempt(
    load: Load, version: Version, verify_key: "VerifyKey | None" = None, seconds: float = 300.0
) -> None:
    """Load a version in a process of its own, which ends afterwards.

    Args:
        load: Makes the model, and raises if it does not answer its golden samples.
        version: What to load.
        verify_key: Whose signatures the child trusts.
        seconds: How long it may take.

    Raises:
        StoreError: Another process cannot import `load`.
        TrialError: It raised, it took too long, or its process crashed; says which.
    """
    check_importable(load)
    task = _Task(load, version.root.absolute(), version.model, version.name, verify_key, seconds)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "headrace.store.trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(),
        process_group=0,  # it can be ended with all that it started
    )
    where = f"{version.model} {version.name}"
    try:
        answer, complaint = process.communicate(pickle.dumps(task), timeout=seconds)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise TrialError(where, f"did not load within {seconds:g} s") from None
        raise
    if process.returncode or answer:
        raise TrialError(where, _told(process.returncode, answer, complaint))


def _told(status: int, answer: bytes, complaint: bytes) -> str:
    if answer:
        return f"did not load: {answer.decode(errors='replace')}"
    if status < 0:
        return f"crashed the process that loaded it: {signal.Signals(-status).name}"
    last = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    return f"ended the process that loaded it with status {status}: {last[0][:_SHOWN]}"


def main() -> None:
    """Load what standard input says. Anything on standard output is the reason why it failed."""
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    os.nice(_POLITENESS)
    with suppress(OSError):  # one that takes all memory is ended first, and nobody else for it
        Path("/proc/self/oom_score_adj").write_text("1000")
    task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from who started this process
    # Whatever becomes of who started it: it ends.
    signal.alarm(int(task.seconds) + _LINGER_SECONDS)
    try:
        version = ModelStore(task.root, task.verify_key).open(task.model, task.name)
        version.check_libraries()
        task.load(version)
    except HeadraceError as error:
        os.write(answer, str(error).encode(errors="replace"))
    except Exception as error:  # noqa: BLE001 - any failure to load is the answer
        traceback.print_exc()
        os.write(answer, f"{type(error).__name__}: {error}"[:_SHOWN].encode(errors="replace"))
    os._exit(0)  # native threads of a library may not hold this process up


if __name__ == "__main__":
    main()
