"""A page of the documentation as a scenario: its files are written, its commands are run.

A fenced block whose first line says `title="orders.py"` is a file. A block `console` holds commands
after `$ `, each with what it prints. In what is printed `…` stands for any text, and on a line of
its own for any lines. A command ends with 0, or as the first line says: `exit="1"`.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BROKER = "127.0.0.1:9092"  # as the pages write it
REGISTRY = "127.0.0.1:8081"  # the same of a schema registry
STAND_IN = "127.0.0.1:5000"  # and of a stand-in for AWS

_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXIT = re.compile(r'exit="(\d+)"')
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    language: str
    title: str | None
    text: str
    exit: int

    @property
    def commands(self):
        """Each command, and the lines that it is said to print."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        for part in parts:
            command, *printed = re.split(r"(?<!\\)\n", part.rstrip("\n"))
            yield command, printed


def blocks(page):
    found = _BLOCK.findall(page.read_text())
    return [
        Block(language, _told(_TITLE, rest), text, int(_told(_EXIT, rest) or 0))
        for language, rest, text in found
    ]


def _told(pattern, first_line):
    found = pattern.search(first_line)
    return found[1] if found else None


def told(text, addresses):
    """Return a text of a page with the addresses that hold here."""
    for written, here in addresses.items():
        text = text.replace(written, here)
    return text


def write_programs(folder):
    """Write the commands that a reader has."""
    folder.mkdir()
    for name, line in (
        ("headrace", "-m headrace"),
        ("python", ""),
        ("pytest", "-m pytest -p headrace.testing.fixtures"),
    ):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {line} "$@"\n')
        program.chmod(0o755)


def shell(command, folder, addresses):
    """Run a command as a reader would, in a folder of theirs. Returns exit code and output.

    Args:
        command: as the page has it.
        folder: the reader's.
        addresses: those that hold here, by those that the page has.
    """
    programs = folder.parent / "bin"
    if not programs.exists():  # a command before, in the background, may be starting one of them
        write_programs(programs)
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    environ |= {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # this tree's plugins are not the reader's
    done = subprocess.run(
        ["bash", "-c", told(command, addresses)],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, told(done.stdout, {here: there for there, here in addresses.items()})


def matches(printed, expected):
    """Whether a command printed these lines."""
    pattern = "\n".join(
        r"(?:.*\n)*?.*" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…")))
        for line in expected
    )
    return re.fullmatch(pattern, printed.rstrip("\n")) is not None
