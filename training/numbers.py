"""Numbers of a command line, within their bounds: a wrong one is told before any training."""

import argparse
import math
from collections.abc import Callable


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number from `least` to `most`."""

    def number(text: str) -> int:
        found = int(text)
        if found < least or (most is not None and found > most):
            bounds = f"from {least} on" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"{text} is not {bounds}")
        return found

    return number


def positive(text: str) -> float:
    """Read a number above 0."""
    found = float(text)
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return found


def fraction(text: str) -> float:
    """Read a number from 0 to 1."""
    found = float(text)
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return found


seed = whole(0, 2**32 - 1)  # what numpy takes
