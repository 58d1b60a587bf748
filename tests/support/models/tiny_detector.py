"""Small detectors: the smallest that has all its parts, and a smaller one to train."""

import msgspec
import numpy as np
import tensorflow as tf

from training.detector.network import network
from training.detector.presets import PRESETS, Gate, NetworkSpec, Recipe

# These graphs run a few times: to optimize them would take longer than to run them.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

SPEC = NetworkSpec(image_size=64, width=0.25, pyramid=8, head_depth=1)
# To trace a step costs as much as a hundred of them, and by each weight: training has the fewest.
TRAINED = msgspec.structs.replace(SPEC, head_depth=0)


def recipe(**changes) -> Recipe:
    """Twelve steps of two pictures each, of a network with heads of one layer."""
    tiny = msgspec.structs.replace(
        PRESETS["quick"],
        network=TRAINED,
        gate=Gate(map_50=0.0, map_50_95=0.0),
        steps=12,
        batch=2,
        warmup_steps=2,
        checkpoint_every=2,
        evaluate_every=6,
        probe=2,
        held_out=4,
    )
    return msgspec.structs.replace(tiny, **changes)


def confident_network(classes: int):
    """An untrained network that is sure of much: its statistics and its scores are spread."""
    model = network.build(SPEC, classes, seed=5)
    rng = np.random.default_rng(5)
    for weight in model.weights:
        values = weight.numpy()
        if weight.path.endswith(("gamma", "moving_variance")):
            weight.assign(values * rng.uniform(0.5, 2, values.shape))
        elif weight.path.endswith(("beta", "moving_mean", "bias")):
            weight.assign(rng.normal(0, 0.5, values.shape))
    return model
