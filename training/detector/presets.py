"""The settings of a training run, and the two named sets of them."""

import msgspec


class NetworkSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of the network and of its default boxes.

    Attributes:
        image_size: Side of the square input, in pixels; a multiple of the coarsest stride.
        width: Multiplier of the backbone's channels (MobileNet's alpha).
        pyramid: Channels of each pyramid level and of the heads.
        head_depth: Separable convolutions in each head, before its prediction.
        levels: Pyramid levels, the finest at stride 8.
        scale_range: Side of the smallest and the largest default box, relative to the image.
        ratios: Width over height of the default boxes.
    """

    image_size: int = 128
    width: float = 1.0
    pyramid: int = 64
    head_depth: int = 2
    levels: int = 4
    scale_range: tuple[float, float] = (0.16, 0.9)
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0)

    def __post_init__(self) -> None:
        if self.levels < 4:
            raise ValueError(f"levels: {self.levels}, must be at least 4")
        if self.image_size % self.strides[-1]:
            raise ValueError(
                f"image_size: {self.image_size} is no multiple of the stride {self.strides[-1]}"
            )

    @property
    def strides(self) -> tuple[int, ...]:
        """Pixels between neighbouring cells, finest level first."""
        return tuple(8 << level for level in range(self.levels))


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """The least a network must reach on the held-out set to be published (0..1)."""

    map_50: float
    map_50_95: float


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """One training run, apart from its data and its seed.

    Attributes:
        steps: Optimizer steps of `batch` images each.
        peak_rate: Learning rate at the end of `warmup_steps`, from where a cosine falls to zero.
        average_decay: Decay of the moving average of the weights, which is what is exported.
        checkpoint_every: Steps between checkpoints.
        evaluate_every: Steps between evaluations on the first `probe` held-out images.
        held_out: Held-out scenes that the final evaluation composes.
    """

    network: NetworkSpec
    gate: Gate
    steps: int
    batch: int
    peak_rate: float
    warmup_steps: int
    weight_decay: float = 1e-4
    average_decay: float = 0.998
    checkpoint_every: int = 250
    evaluate_every: int = 500
    probe: int = 200
    held_out: int = 1000


# What is good enough depends on the user's data: this only keeps out what learned nothing.
OWN_DATA_GATE = Gate(map_50=0.2, map_50_95=0.1)

PRESETS = {
    "quick": Recipe(
        network=NetworkSpec(image_size=128),
        gate=Gate(map_50=0.75, map_50_95=0.40),
        steps=3500,
        batch=16,
        peak_rate=3e-3,
        warmup_steps=200,
        average_decay=0.995,
        held_out=500,
    ),
    "long": Recipe(
        network=NetworkSpec(image_size=128),
        gate=Gate(map_50=0.92, map_50_95=0.60),
        steps=12000,
        batch=16,
        peak_rate=3e-3,
        warmup_steps=300,
    ),
}
