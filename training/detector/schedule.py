"""The learning rate over a run: a linear warm-up, then half a cosine down to zero."""

import math
from typing import Any

import keras  # type: ignore[import-untyped]


class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Rises to `peak` in `warmup` steps and falls to zero at `steps`."""

    def __init__(self, peak: float, warmup: int, steps: int) -> None:
        if not 0 < warmup < steps:
            raise ValueError(f"warm-up of {warmup} steps in a run of {steps}")
        self.peak, self.warmup, self.steps = peak, warmup, steps

    def __call__(self, step: Any) -> Any:
        """Return the rate (scalar) at this step."""
        step = keras.ops.cast(step, "float32")
        rising = (step + 1) / self.warmup
        progress = keras.ops.clip((step - self.warmup) / (self.steps - self.warmup), 0.0, 1.0)
        falling = (1 + keras.ops.cos(math.pi * progress)) / 2
        return self.peak * keras.ops.minimum(rising, falling)

    def get_config(self) -> dict[str, float]:
        """Return the arguments that make this schedule again."""
        return {"peak": self.peak, "warmup": self.warmup, "steps": self.steps}
