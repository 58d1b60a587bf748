"""The network: a MobileNet backbone, a feature pyramid and two shared heads."""

from collections.abc import Sequence
from typing import Any

import keras  # type: ignore[import-untyped]
from keras import layers

from training.detector.network.anchors import boxes_per_cell
from training.detector.presets import NetworkSpec

# Keras' default of 0.99 (and the 0.999 of its MobileNets) leaves the inference statistics far
# behind the weights in runs of a few thousand steps.
NORM_MOMENTUM = 0.95
# The score every class starts from, so that the many background boxes do not drown the start.
PRIOR = 0.01
STEM = 16
# Channels and separable blocks of the stages at stride 4, 8, 16, 32, and 64 onwards.
STAGES = ((48, 1), (96, 3), (160, 3), (192, 2), (192, 1))


def build(spec: NetworkSpec, classes: int, seed: int = 0) -> keras.Model:
    """Build the network for images [B, S, S, 3] in 0..1.

    Returns:
        A model with two outputs: class logits [B, A, classes] and box offsets [B, A, 4], in the
        order of `anchors.default_boxes`.
    """
    keras.utils.set_random_seed(seed)
    image = keras.Input((spec.image_size, spec.image_size, 3), name="image")
    levels = _pyramid(_backbone(image, spec), spec.pyramid)
    logits = _head(levels, spec, "classes", classes, _prior_bias())
    offsets = _head(levels, spec, "boxes", 4, "zeros")
    return keras.Model(image, [logits, offsets], name="ssd")


def _prior_bias() -> keras.initializers.Initializer:
    return keras.initializers.Constant(keras.ops.log(PRIOR / (1 - PRIOR)))


def _backbone(image: Any, spec: NetworkSpec) -> list[Any]:
    """Return the features of every pyramid level, finest first."""
    x = layers.Rescaling(2.0, offset=-1.0)(image)
    stem = _channels(STEM, spec.width)
    x = layers.Conv2D(stem, 3, strides=2, padding="same", use_bias=False, name="stem")(x)
    x = _activated(x)
    found = []
    for level in range(spec.levels + 1):
        channels, blocks = STAGES[min(level, len(STAGES) - 1)]
        for block in range(blocks):
            x = _separable(x, _channels(channels, spec.width), stride=1 if block else 2)
        found.append(x)
    return found[1:]


def _channels(full: int, width: float) -> int:
    """Scale by the width, to the nearest multiple of 8 that is not 0."""
    return max(8, round(full * width / 8) * 8)


def _separable(x: Any, channels: int, stride: int = 1) -> Any:
    """Apply a depthwise and a pointwise convolution; the input is added if it fits.

    No normalisation between the two: it would cost as much time as the convolutions.
    """
    y = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
    y = _activated(layers.Conv2D(channels, 1, use_bias=False)(y))
    return layers.Add()([x, y]) if x.shape == y.shape else y


def _activated(x: Any) -> Any:
    return layers.ReLU()(layers.BatchNormalization(momentum=NORM_MOMENTUM)(x))


def _pyramid(features: Sequence[Any], channels: int) -> list[Any]:
    """Add to every level the coarser ones, from the top down."""
    laterals = [_normal(layers.Conv2D(channels, 1, use_bias=False)(x)) for x in features]
    merged = [laterals.pop()]
    for lateral in reversed(laterals):
        merged.append(layers.Add()([lateral, layers.UpSampling2D()(merged[-1])]))
    return [_separable(x, channels) for x in reversed(merged)]


def _normal(x: Any) -> Any:
    return layers.BatchNormalization(momentum=NORM_MOMENTUM)(x)


def _head(features: Sequence[Any], spec: NetworkSpec, name: str, outputs: int, bias: Any) -> Any:
    """Return the predictions of all levels in one list.

    The levels share the convolutions but not the normalisation: their statistics differ, and one
    moving average over all of them would fit none.
    """
    current = list(features)
    for _ in range(spec.head_depth):
        depthwise = layers.DepthwiseConv2D(3, padding="same", use_bias=False)
        pointwise = layers.Conv2D(spec.pyramid, 1, use_bias=False)
        current = [_activated(pointwise(depthwise(x))) for x in current]
    predict = layers.Conv2D(
        boxes_per_cell(spec) * outputs, 1, bias_initializer=bias, name=f"{name}_predict"
    )
    flat = [layers.Reshape((-1, outputs))(predict(x)) for x in current]
    return layers.Concatenate(axis=1, name=name)(flat)
