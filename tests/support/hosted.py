"""Functions that a child process can import, and what they do to it."""

import asyncio
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from headrace import Record, Reject, Worker, lambda_handler
from headrace.errors import SettingsError


class Obedient(Worker):
    """Does what the value of each record says, and returns its process."""

    def setup(self) -> None:
        if wrong := os.environ.get("HOSTED_SETUP"):
            if wrong == "exit":
                os._exit(9)
            raise SettingsError(wrong)

    def process(self, record: Record) -> object:
        verb, _, rest = (record.value or b"").decode().partition(" ")
        if verb:
            getattr(self, f"_{verb}")(rest)
        return os.getpid()

    def close(self) -> None:
        if notes := os.environ.get("HOSTED_NOTES"):
            _note(notes, "closed")
        super().close()

    def _note(self, path: str) -> None:
        _note(path, str(os.getpid()))

    def _fail(self, text: str) -> None:
        raise ZeroDivisionError(text)

    def _reject(self, text: str) -> None:
        raise Reject(text, status=422, errors=[{"field": text}, object])

    def _surrogate(self, _: str) -> None:
        raise ValueError("\udcff")

    def _sleep(self, seconds: str) -> None:
        time.sleep(float(seconds))

    def _sleep_noted(self, path_and_seconds: str) -> None:
        path, seconds = path_and_seconds.split()
        self._note(path)
        time.sleep(float(seconds))

    def _spin(self, _: str) -> None:
        re.match(r"(a+)+$", "a" * 60 + "b")  # for years, and without giving the interpreter up

    def _exit(self, status: str) -> None:
        os._exit(int(status))

    def _fork_and_exit(self, status: str) -> None:
        if os.fork():
            os._exit(int(status))
        time.sleep(60)

    def _quit(self, status: str) -> None:
        sys.exit(int(status))

    def _signal(self, name: str) -> None:
        os.kill(os.getpid(), signal.Signals[name])
        time.sleep(0.1)

    def _crash(self, _: str) -> None:
        ctypes.string_at(0)

    def _start(self, path: str) -> None:
        with subprocess.Popen(["sleep", "600"]) as started:
            Path(path).write_text(str(started.pid))


class Patient(Worker):
    """Waits as long as the value of each record says, and returns its process."""

    async def process(self, record: Record) -> object:
        await asyncio.sleep(float(record.text()))
        return os.getpid()


handler = lambda_handler(Obedient)
patient = lambda_handler(Patient)


def answer(event, context):
    """Says what it got, and where."""
    return {"event": event, "milliseconds": context.get_remaining_time_in_millis()}


def echo(event, context):
    """Answers with the event."""
    return event


def partial(event, context):
    """Names offset 3."""
    return {"batchItemFailures": [{"itemIdentifier": {"partition": "orders-0", "offset": 3}}]}


def failing(event, context):
    """Raises what no other process can import."""

    class Local(Exception):
        pass

    raise Local("only here")


def hanging(event, context):
    """Does not end."""
    time.sleep(600)


def exiting(event, context):
    """Ends its process."""
    os._exit(3)


def printing(event, context):
    """Writes to standard output."""
    sys.stdout.write("a line of the function\n")
    sys.stdout.flush()


def _note(path: str, text: str) -> None:
    with Path(path).open("a") as notes:
        notes.write(text + "\n")
