"""`python -m training`: make a model, or import one, and publish it to the store."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from headrace.cli import Parser
from headrace.errors import HeadraceError

_JOBS = {
    "tumor": "training.tumor.train",
    "detector": "training.detector.train",
    "objects": "training.detector.objects",
    "import": "training.detector.importing.job",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a job; errors that explain themselves are one line and exit code 1."""
    parser = Parser(prog="python -m training", description=__doc__)
    parser.add_argument(
        "job",
        choices=_JOBS,
        help="tumor: the breast-cancer classifier; detector: a detector of handwritten digits;"
        " objects: a detector of real objects; import: any published detector",
    )
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="the job's own; --help lists them"
    )
    args = parser.parse_args(argv)
    try:
        return int(importlib.import_module(_JOBS[args.job]).main(args.arguments))
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; see requirements/training-detector.txt"
    except (HeadraceError, OSError) as error:
        message = str(error)
    except KeyboardInterrupt:
        return 130
    sys.stderr.write(f"training: {message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
