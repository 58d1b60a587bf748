"""The images of this tree, and the arguments with which docker/build.sh makes them."""

import os
import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def _told() -> dict[str, dict[str, str]]:
    """What docker/build.sh tells the command that builds, by image."""
    environ = {"PATH": os.environ["PATH"], "BUILD": f"{shlex.quote(str(_SHOW))}"}
    done = subprocess.run(
        ["bash", "docker/build.sh"], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    images = {}
    for line in done.stdout.splitlines():
        words = line.split("\t")
        given = [value for flag, value in pairwise(words) if flag == "--build-arg"]
        images[words[words.index("--tag") + 1]] = dict(text.split("=", 1) for text in given)
    return images


_SHOW = Path(__file__).with_name("show_words.sh")
ARGUMENTS = dict(
    re.findall(r'^ARG (\w+)="?(.*?)"?$', (ROOT / "docker/Dockerfile").read_text(), re.MULTILINE)
)
"""The arguments of the Dockerfile, with their defaults."""
IMAGES = _told()
"""The arguments of each image, by the name of the image."""
