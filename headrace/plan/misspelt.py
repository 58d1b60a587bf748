"""Variables that are no setting but look much like one: their writer meant that one."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from headrace.plan.groups import variables
from headrace.runner.members import VARIABLE
from headrace.settings import PREFIX

# How alike two names are that differ in two neighbouring letters, at least.
_ALIKE = 0.8


def warn_of_misspelt(environ: Mapping[str, str]) -> None:
    """Write a line on standard error for each variable that is nearly a setting.

    A member of a group writes none: its supervisor has.
    """
    if VARIABLE in environ:
        return
    for line in misspelt(environ):
        sys.stderr.write(f"headrace: {line}\n")


def misspelt(names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each variable that is no setting but close to one.

    Args:
        names: of variables, in any order. Those without our prefix are somebody else's.
    """
    ours = sorted(name for name in names if name.startswith(PREFIX))
    if not ours:
        return  # most often so, and then nothing need be imported
    known = {name.removeprefix(PREFIX): name for name in variables()}
    for name in ours:
        rest = name.removeprefix(PREFIX)
        close = [] if rest in known else get_close_matches(rest, known, 1, _ALIKE)
        if close:
            yield f"{name} is no setting; {known[close[0]]} is"
