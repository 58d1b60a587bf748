"""How long to wait before something is tried again."""

import random

import msgspec


class Backoff(msgspec.Struct, frozen=True):
    """Exponential backoff with jitter. Times are seconds.

    Attributes:
        first: the step after the first try; each further try doubles it.
        longest: the step grows no further than this.
        jitter: the share of a step that is left to chance, so that many do not come at once.
    """

    first: float
    longest: float
    jitter: float = 0.5

    def delay(self, tries: int) -> float:
        """Return the wait after `tries` tries without progress: the step, less the jitter."""
        if not tries:
            return 0.0
        step = min(self.longest, self.first * 2.0 ** min(tries - 1, 60))
        return step * random.uniform(1 - self.jitter, 1)  # noqa: S311 - jitter, not a secret
