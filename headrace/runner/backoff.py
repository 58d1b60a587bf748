"""How long to wait before something is tried again."""

import random

import msgspec


class Backoff(msgspec.Struct, frozen=True):
    """Exponential backoff with jitter. Times are seconds.

    Attributes:
        first: the step after the first try; each further try doubles it.
        longest: the step grows no further than this.
    """

    first: float
    longest: float

    def delay(self, tries: int) -> float:
        """Return the wait after `tries` tries without progress: half of the step, or up to all."""
        if not tries:
            return 0.0
        step = min(self.longest, self.first * 2.0 ** min(tries - 1, 60))
        return step * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret
