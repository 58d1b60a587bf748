"""The job that trains, evaluates, exports and publishes a detector.

    python -m training.detector.train [--preset quick|long] [--data coco:DIR|voc:DIR] [--resume] …

Without data of yours it learns from scenes of handwritten digits that it composes itself, and needs
no network. The store and the signing key are those of HEADRACE_MODEL_ROOT and
HEADRACE_MODEL_SIGNING_KEY.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from headrace.cli import Parser
from headrace.errors import HeadraceError, SettingsError
from training import gates, numbers
from training.detector.data import open_data
from training.detector.presets import OWN_DATA_GATE, PRESETS, Gate, Recipe
from training.detector.publishing.ship import pack
from training.store import open_store

MODEL = "detector"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job. Returns the exit status: 0 done, 1 refused (said in one line)."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        _train(options)
    except (HeadraceError, OSError) as error:
        sys.stderr.write(f"detector not published: {error}\n")
        return 1
    return 0


def _train(options: argparse.Namespace) -> None:
    recipe = _recipe(options)
    store = open_store(MODEL)
    out = options.out or Path("var/training") / f"detector-{options.preset}"
    data = open_data(options.data, recipe, options.seed, flip=not options.no_flip)
    # TensorFlow's import takes seconds: a wrong option, setting or data set is told before it.
    from models.detector.model import Detector  # noqa: PLC0415
    from training.detector.run import train  # noqa: PLC0415

    made = train(
        recipe,
        data=data,
        seed=options.seed,
        out=out,
        resume=options.resume,
        threads=options.threads,
        start=options.start,
    )
    metrics = made.description.metrics
    sys.stdout.write(
        f"mAP@.5 {metrics['map_50']:.4f}  mAP@[.5:.95] {metrics['map_50_95']:.4f}"
        f"  (the report is in {out})\n"
    )
    gates.check(metrics, msgspec.structs.asdict(recipe.gate), None)
    version = store.publish(made.files, made.description, load=Detector.load)
    sys.stdout.write(f"published {version.model} {version.name}\n")
    if options.ship:
        pack(made.light(), made.description, options.ship)


def _recipe(options: argparse.Namespace) -> Recipe:
    preset = PRESETS[options.preset]
    steps, warmup = options.steps or preset.steps, options.warmup or preset.warmup_steps
    if warmup >= steps:
        raise SettingsError(f"--warmup: {warmup} steps of warm-up in a run of {steps}")
    network = {"width": options.width}
    run = {
        "steps": options.steps,
        "peak_rate": options.rate,
        "warmup_steps": options.warmup,
    }
    return msgspec.structs.replace(
        preset,
        gate=_gate(options),
        network=msgspec.structs.replace(preset.network, **_given(network)),
        **_given(run),
    )


def _gate(options: argparse.Namespace) -> Gate:
    gate = PRESETS[options.preset].gate if options.data is None else OWN_DATA_GATE
    given = {"map_50": options.min_map_50, "map_50_95": options.min_map_50_95}
    return msgspec.structs.replace(gate, **_given(given))


def _given(options: dict[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in options.items() if value is not None}


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m training detector", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--preset", choices=PRESETS, default="quick")
    parser.add_argument("--data", help="coco:<folder> or voc:<folder>; default: digit scenes")
    parser.add_argument("--seed", type=numbers.seed, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--out", type=Path, help="checkpoints and report; default var/training/…")
    parser.add_argument("--start", type=Path, help="folder of a run whose weights are the start")
    parser.add_argument("--steps", type=numbers.whole(2), help="in place of the preset's")
    parser.add_argument(
        "--rate", type=numbers.positive, help="peak learning rate, in place of the preset's"
    )
    parser.add_argument(
        "--warmup", type=numbers.whole(1), help="steps of warm-up, in place of the preset's"
    )
    parser.add_argument("--width", type=numbers.positive, help="of the backbone; default 1")
    parser.add_argument(
        "--threads", type=numbers.whole(0), default=2, help="of TensorFlow's operations"
    )
    parser.add_argument("--no-flip", action="store_true", help="own data: do not mirror pictures")
    parser.add_argument("--min-map-50", type=numbers.fraction, help="gate of mAP@.5")
    parser.add_argument("--min-map-50-95", type=numbers.fraction, help="gate of mAP@[.5:.95]")
    parser.add_argument(
        "--ship", type=Path, help="also write the version, without SavedModel, here"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
