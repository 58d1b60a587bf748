"""The checkpoints of a training run."""

from pathlib import Path


def last(folder: Path) -> str:
    """The name of the one that a run would go on with."""
    state = (folder / "checkpoints" / "checkpoint").read_text()
    return state.partition("model_checkpoint_path: ")[2].partition("\n")[0].strip('"')
