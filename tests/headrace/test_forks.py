"""Processes that a worker forks: they can be ended, and hold no line of ours open."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

FORKING = """
import os, signal, time
from headrace.forks import keep_from_others, let_sigterm_end_forks

signal.signal(signal.SIGTERM, lambda *_: None)
let_sigterm_end_forks()
keep_from_others({descriptor})
forked = os.fork()
if not forked:
    print(os.getpid(), flush=True)
    time.sleep(60)
{then}
"""


@pytest.fixture
def fork():
    """Starts a process that forks another one and goes on so; returns it and the fork's number."""
    forks = []

    def start(descriptor, then):
        process = subprocess.Popen(
            [sys.executable, "-c", FORKING.format(descriptor=descriptor, then=then)],
            stdout=subprocess.PIPE,
            pass_fds=[descriptor],
            text=True,
        )
        forks.append((process, int(process.stdout.readline())))
        return forks[-1]

    yield start
    for process, forked in forks:
        with suppress(ProcessLookupError):
            os.kill(forked, signal.SIGKILL)
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def line():
    """Both ends of a pipe; the second is for another process."""
    reads, writes = os.pipe()
    with os.fdopen(reads, "rb") as ours, os.fdopen(writes, "wb") as theirs:
        yield ours, theirs


def test_a_fork_ends_by_sigterm_although_its_origin_only_notes_it(fork, line):
    then = "os.kill(os.getpid(), signal.SIGTERM)\nprint(os.waitpid(forked, 0)[1], flush=True)"
    process, forked = fork(line[1].fileno(), then)
    os.kill(forked, signal.SIGTERM)
    assert int(process.stdout.readline()) == signal.SIGTERM


def test_a_fork_does_not_hold_a_line_open(fork, line):
    ours, theirs = line
    process, _ = fork(theirs.fileno(), "os._exit(0)")
    theirs.close()
    assert process.wait(10) == 0
    assert ours.read() == b""
