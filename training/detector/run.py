"""One training run in its folder, from the first step to files that could be published."""

from pathlib import Path

import tensorflow as tf

from training.detector.example import DataSet
from training.detector.fit import fit, start_digest
from training.detector.history import History
from training.detector.presets import Recipe
from training.detector.publishing.release import Release, release
from training.detector.run_folder import Identity, alone, enter


def train(
    recipe: Recipe,
    *,
    data: DataSet,
    seed: int,
    out: Path,
    resume: bool,
    threads: int,
    start: Path | None,
) -> Release:
    """Train and export.

    Args:
        recipe: What to do.
        data: What to learn from.
        seed: Of the first weights and of the stream of pictures.
        out: The run's folder: run.json, history.jsonl, checkpoints, and in the end the report.
        resume: Go on with what is in `out`; otherwise that is deleted.
        threads: For TensorFlow's operations; it can be set only once in a process.
        start: The folder of a run of the same network to start from, in place of random weights.

    Raises:
        RunError: `out` holds a run with other settings, and `resume` was asked for; or another run
            is at work there; or nothing can be taken over from `start`.
    """
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    identity = Identity(
        recipe=recipe, seed=seed, data=data.digest, start=start_digest(start) if start else None
    )
    with alone(out):
        enter(out, identity, resume=resume)
        learner = fit(recipe, data, seed, out, resume=resume, start=start)
        made = release(
            network=learner.average,
            identity=identity,
            data=data,
            history=History(out / "history.jsonl", recipe.steps).rows,
            folder=out,
        )
        for name, content in made.files.items():
            if isinstance(content, bytes):
                (out / name).write_bytes(content)
        return made
