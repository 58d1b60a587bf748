"""The job that trains, judges and publishes the breast-cancer classifier.

    python -m training.tumor.train [--seed N] [--repeats N] [--out DIR] [--dry-run]

Writes the report whatever the outcome; publishes only what passes the gates.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from headrace.cli import Parser
from headrace.errors import HeadraceError
from headrace.settings import read
from headrace.store.errors import VersionNotFoundError
from headrace.store.model_store import ModelStore
from headrace.store.settings import PublisherSettings
from training import gates, numbers
from training.store import open_store
from training.tumor.goal import GATES, MODEL

REPORT = Path("var/reports/tumor")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the job. Returns the exit status: 0 done, 1 refused (said in one line)."""
    options = _options(argv)
    try:
        sys.stdout.write(_run(options) + "\n")
    except (HeadraceError, OSError) as error:
        sys.stderr.write(f"{MODEL} not published: {error}\n")
        return 1
    return 0


def _run(options: argparse.Namespace) -> str:
    publisher = read(PublisherSettings).publisher() if options.dry_run else open_store(MODEL)
    current = _current_metrics(publisher)
    # Their import takes seconds: a wrong option, setting or store is told before it.
    from models.tumor.model import TumorModel  # noqa: PLC0415
    from training.tumor.candidate import make  # noqa: PLC0415

    candidate = make(options.seed, options.repeats)
    _report(candidate.files, candidate.description.metrics, options.out)
    gates.check(candidate.description.metrics, GATES, current)
    if options.dry_run:
        return f"{MODEL} not published: dry run; report in {options.out}"
    version = publisher.publish(candidate.files, candidate.description, load=TumorModel.load)
    return f"{MODEL} published as {version.name}; report in {options.out}"


def _current_metrics(store: ModelStore) -> Mapping[str, float] | None:
    try:
        return store.open(MODEL).manifest.metrics
    except VersionNotFoundError:
        return None


def _report(files: Mapping[str, bytes], metrics: Mapping[str, float], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for name, minimum in GATES.items():
        sys.stdout.write(
            f"{name:<9} {metrics[name]:.4f} ± {metrics[f'{name}_se']:.4f}"
            f" (gate {minimum}; {metrics[f'held_out_{name}']:.4f} on the held-out samples)\n"
        )


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(
        prog="python -m training tumor",
        description="Train, judge and publish the breast-cancer classifier.",
    )
    parser.add_argument("--seed", type=numbers.seed, default=0, help="default 0")
    parser.add_argument(
        "--repeats", type=numbers.whole(1), default=5, help="of the cross-validation; default 5"
    )
    parser.add_argument("--out", type=Path, default=REPORT, help=f"report folder; default {REPORT}")
    parser.add_argument("--dry-run", action="store_true", help="train and judge, publish nothing")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
