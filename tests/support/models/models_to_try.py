"""A model that does what its file says, for tests of how candidates are tried."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path


def load(version):
    """Load the text "sound", or go wrong in the way that the text names."""
    text = version.read("model").decode()
    if text == "raise":
        raise ValueError("the golden sample's answer is wrong")
    if text == "expendable":
        raise ValueError(Path("/proc/self/oom_score_adj").read_text())
    if text == "segfault":
        ctypes.string_at(0)
    if text == "abort":
        os.abort()
    if text == "exit":
        sys.stderr.write("the library said so\n")
        sys.stderr.flush()
        os._exit(3)
    if text == "hang":
        other = subprocess.Popen(["sleep", "600"])
        (version.root / "pids").write_text(f"{os.getpid()} {other.pid}")
        time.sleep(600)
    if text == "print":
        sys.stdout.write("loading, with many words\n")
    return text
