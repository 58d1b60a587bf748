"""A service that a command starts in the background, and the note by which others find it."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from headrace.errors import SettingsError

Running = dict[str, Any]
"""What `start` noted of the service."""


class Background:
    """The note of a service in the working directory.

    Args:
        note: its file.
        is_ours: whether what was noted still lives: a process number may meanwhile be another
            program's.
    """

    def __init__(self, note: Path, is_ours: Callable[[Running], bool]) -> None:
        self._note = note
        self._is_ours = is_ours

    def note(self, state: Running) -> None:
        """Note what was started, for `stop` and `status`."""
        self._note.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(json.dumps(state))

    def running(self) -> Running | None:
        """Return what was noted, if it still lives; any other note is removed."""
        if not self._note.exists():
            return None
        with suppress(ValueError, KeyError, TypeError):  # half of one, from a full disk
            state: Running = json.loads(self._note.read_text())
            if self._is_ours(state):
                return state
        self.forget()
        return None

    def running_at(self, port: int | None) -> Running | None:
        """Return what lives, if it listens at that port (None: at any).

        Raises:
            SettingsError: It listens at another one.
        """
        state = self.running()
        if state is not None and port not in {None, state["port"]}:
            raise SettingsError(f"one runs already, at port {state['port']}: stop it first")
        return state

    def forget(self) -> None:
        """Remove the note."""
        self._note.unlink()


def port_up_to(most: int) -> Callable[[str], int]:
    """Return what argparse parses a port with."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not 0 < int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is not a port between 1 and {most}")
        return int(text)

    return parse


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
