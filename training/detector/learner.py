"""What changes during training: the network, the average of its weights, the optimizer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras  # type: ignore[import-untyped]
import tensorflow as tf

from training.detector.network import anchors, network
from training.detector.network.loss import detection_loss
from training.detector.network.matching import match
from training.detector.presets import Recipe
from training.detector.schedule import WarmupCosine

# The boxes are learned long before the classes; equal weights would leave these to the end.
BOX_WEIGHT = 0.3
# Far above the usual length: it only tames the first steps and a rare outlier.
MAX_GRADIENT_NORM = 10.0


class Losses(NamedTuple):
    """The mean losses of one step's batch."""

    classes: Any
    boxes: Any


class Learner:
    """Takes optimizer steps; `average` is the network that is evaluated and exported.

    Averaged weights move little from step to step, so the inference statistics of the
    normalisation, averaged with them, fit them.
    """

    def __init__(self, recipe: Recipe, classes: int, seed: int) -> None:
        """Build the network from its seed."""
        self.model = network.build(recipe.network, classes, seed)
        self.average = network.build(recipe.network, classes, seed)
        self.optimizer = _optimizer(recipe, self.model)
        self.done = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._anchors = tf.constant(anchors.default_boxes(recipe.network))
        self._decay = recipe.average_decay
        self._take = tf.function(self._step, autograph=False)

    def step(self, images: Any, boxes: Any, labels: Any) -> Losses:
        """Learn from one batch of `feed.batches`."""
        return Losses(*self._take(images, boxes, labels))

    @property
    def state(self) -> dict[str, Any]:
        """All that a checkpoint must hold."""
        return {
            "model": self.model,
            "average": self.average,
            "optimizer": self.optimizer,
            "done": self.done,
        }

    def _step(self, images: Any, boxes: Any, labels: Any) -> tuple[Any, Any]:
        matched = match(self._anchors, boxes, labels)
        with tf.GradientTape() as tape:
            logits, offsets = self.model(_as_input(images), training=True)
            losses = detection_loss(logits, offsets, matched, boxes, labels, self._anchors)
            total = losses[0] + BOX_WEIGHT * losses[1]
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(total, variables), variables)
        self._follow()
        self.done.assign_add(1)
        return losses

    def _follow(self) -> None:
        """Move the average towards the weights, faster at first."""
        done = tf.cast(self.done, tf.float32)
        decay = tf.minimum(self._decay, (1 + done) / (10 + done))
        for mean, value in zip(_floats(self.average), _floats(self.model), strict=True):
            mean.assign_add((1 - decay) * (value - mean))


def _as_input(images: Any) -> Any:
    return tf.cast(images, tf.float32) / 255.0


def _floats(model: keras.Model) -> Sequence[Any]:
    return [weight for weight in model.weights if weight.dtype == "float32"]


def _optimizer(recipe: Recipe, model: keras.Model) -> keras.Optimizer:
    optimizer = keras.optimizers.AdamW(
        WarmupCosine(recipe.peak_rate, recipe.warmup_steps, recipe.steps),
        weight_decay=recipe.weight_decay,
        global_clipnorm=MAX_GRADIENT_NORM,
    )
    # A small bias or gain decayed towards zero is a change of the function, not a restraint.
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(model.trainable_variables)
    return optimizer
