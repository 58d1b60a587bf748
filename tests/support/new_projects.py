"""The variants of a new project, and commands that check one."""

import itertools
import subprocess
from typing import get_args

from headrace.commands.new.answers import Model, Source

VARIANTS = list(itertools.product(get_args(Source), get_args(Model)))


def check(*command, **options):
    """A command that has nothing to complain of."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
