"""The training loop: steps, checkpoints, evaluations, and going on after a kill."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import tensorflow as tf

from training.detector import feed
from training.detector.evaluation.detect import KerasDetector
from training.detector.evaluation.evaluate import evaluate
from training.detector.example import DataSet
from training.detector.history import History
from training.detector.learner import Learner, Losses
from training.detector.presets import Recipe
from training.detector.progress import TrainingProgress
from training.detector.run_folder import RunError

LOG_EVERY = 20
CHECKPOINTS = "checkpoints"
CHECKPOINTS_KEPT = 2


def fit(
    recipe: Recipe,
    data: DataSet,
    seed: int,
    out: Path,
    *,
    resume: bool,
    start: Path | None = None,
) -> Learner:
    """Train until the recipe's last step; checkpoints and history.jsonl go to `out`.

    Args:
        recipe: What to do.
        data: What to learn from.
        seed: Of the network's first weights; the data has its own.
        out: An existing folder.
        resume: Go on from the last checkpoint in `out`, if one is there; otherwise from the start.
        start: The folder of another run of the same network, whose average is the start.

    Raises:
        RunError: There is no checkpoint in `start`, or none can be written to `out`.
    """
    learner = Learner(recipe, len(data.labels), seed)
    if start is not None:
        take_over(learner, start)
    checkpoints = tf.train.CheckpointManager(
        tf.train.Checkpoint(**learner.state), str(out / CHECKPOINTS), CHECKPOINTS_KEPT
    )
    if resume and checkpoints.latest_checkpoint:
        checkpoints.checkpoint.restore(checkpoints.latest_checkpoint).assert_consumed()
    history = History(out / "history.jsonl", int(learner.done))
    with TrainingProgress(recipe.steps, int(learner.done)) as progress:
        _loop(recipe, data, learner, checkpoints, history, progress)
    return learner


def start_digest(start: Path) -> str:
    """Return the SHA-256 of the weights that a run would take over from the folder of another.

    Raises:
        RunError: There is no checkpoint in it.
    """
    return sha256(Path(f"{_last(start)}.data-00000-of-00001").read_bytes()).hexdigest()


def take_over(learner: Learner, start: Path) -> None:
    """Give a learner the averaged weights of the run in another folder.

    Raises:
        RunError: There is no checkpoint in it.
    """
    checkpoint = tf.train.Checkpoint(average=learner.average)
    checkpoint.restore(_last(start)).expect_partial()
    learner.model.set_weights(learner.average.get_weights())


def _last(folder: Path) -> str:
    checkpoint = tf.train.latest_checkpoint(str(folder / CHECKPOINTS))
    if checkpoint is None:
        raise RunError(f"{folder}: no checkpoint to start from")
    return str(checkpoint)


def _loop(
    recipe: Recipe,
    data: DataSet,
    learner: Learner,
    checkpoints: Any,
    history: History,
    progress: TrainingProgress,
) -> None:
    size = recipe.network.image_size
    probe = data.held_out()[: recipe.probe]
    detector = KerasDetector(learner.average, recipe.network)
    stream = feed.batches(data, recipe.batch, int(learner.done), recipe.steps, size)
    for step, batch in enumerate(stream, start=int(learner.done) + 1):
        losses = learner.step(*batch)
        last = step == recipe.steps
        if step % LOG_EVERY == 0 or last:
            history.add(_row(step, losses))
            progress.step(step, _text(losses))
        if step % recipe.evaluate_every == 0 or last:
            metrics = evaluate(probe, detector, data.labels).metrics
            history.add({"step": step, **metrics})
            progress.say(
                f"step {step}  mAP@.5 {metrics['map_50']:.3f}"
                f"  mAP@[.5:.95] {metrics['map_50_95']:.3f}"
            )
        if step % recipe.checkpoint_every == 0 or last:
            _save(checkpoints, step)


def _row(step: int, losses: Losses) -> dict[str, Any]:
    return {"step": step, "class_loss": float(losses.classes), "box_loss": float(losses.boxes)}


def _text(losses: Losses) -> str:
    return f"class loss {float(losses.classes):.3f}  box loss {float(losses.boxes):.3f}"


def _save(checkpoints: Any, step: int) -> None:
    try:
        checkpoints.save(step)
    except tf.errors.OpError as error:  # a full disk, in TensorFlow's own words
        raise RunError(f"no checkpoint can be written: {error.message}") from None
