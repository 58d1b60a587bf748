"""`--reload`: the command starts anew when a file of the working directory changes.

The command runs as a process of its own. A change asks that process to stop, as a deployment does:
what is in work ends and is committed. Then the next one starts with the new files. One that fails,
because of a syntax error for instance, says so, and waits for the next change. One that has done
all that it was asked for (`--stop-when-idle`, `--max-records`) ends this process, too.
"""

import argparse
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from headrace.child_environment import child_environment
from headrace.extras import needs

_FLAG = "--reload"
_TEMPLATES = (".yaml", ".yml", ".template")
_STOP_SECONDS = 60.0  # longer than a drain takes by default


def add_reload(parser: argparse.ArgumentParser) -> None:
    """Add the flag."""
    parser.add_argument(
        _FLAG,
        action="store_true",
        help="Start anew when a Python file or a template below the working directory changes."
        " For development; needs the extra `reload`.",
    )


def run_reloading(arguments: Sequence[str]) -> int:
    """Run a command line, anew after each change, until SIGINT or SIGTERM, or its own end.

    Args:
        arguments: the command line, `--reload` among it.

    Returns:
        The last exit code.

    Raises:
        HeadraceError: the extra `reload` is not installed.
    """
    try:
        from watchfiles import PythonFilter, watch  # noqa: PLC0415 - an extra, for development
    except ModuleNotFoundError as error:
        raise needs("reload", error) from None

    here = Path.cwd()
    # What a worker writes, into var/ for instance, must not start it anew.
    sources = PythonFilter(ignore_paths=[here / "var"], extra_extensions=_TEMPLATES)
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background job ignores the latter
        signal.signal(number, signal.default_int_handler)
    command = _Command(arguments)
    try:
        for changes in watch(here, watch_filter=sources, stop_event=command, raise_interrupt=True):
            names = sorted({str(Path(path).relative_to(here)) for _, path in changes})
            sys.stderr.write(f"headrace: {', '.join(names)} changed, starting anew\n")
            command.stop()
            command.start()
    except KeyboardInterrupt:
        pass
    return command.stop()


class _Command:
    """The process that runs the command line."""

    def __init__(self, arguments: Sequence[str]) -> None:
        words = [word for word in arguments if word != _FLAG]
        self._words = [sys.executable, "-P", "-m", "headrace", *words]
        self.start()

    def start(self) -> None:
        """Start it anew."""
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            self._words,
            env=child_environment(),
            process_group=0,  # Ctrl-C is for this process, which stops that one once
        )

    def is_set(self) -> bool:
        """Return whether it has ended well by itself: the files need not be watched any more."""
        return self._process.poll() == 0

    def stop(self) -> int:
        """Have it end. Returns its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
