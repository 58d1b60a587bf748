"""What another Python process needs in its environment to import what this one can import."""

import os
import sys
from pathlib import Path


def child_environment() -> dict[str, str]:
    """Return the environment of this process, with its import path as PYTHONPATH.

    The child is started with `-P`, so that nothing stands before that path.
    """
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    return os.environ | {"PYTHONPATH": path}
