"""`headrace train`: make a model and publish it to the store."""

import argparse
import importlib

_JOBS = {
    "tumor": "training.tumor.train",
    "detector": "training.detector.train",
    "import": "training.detector.importing.job",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the subcommand; what follows the job's name belongs to the job."""
    parser = subparsers.add_parser("train", help="train or import a model and publish it")
    parser.add_argument("job", choices=_JOBS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the job")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Run the job."""
    job = importlib.import_module(_JOBS[args.job])
    return int(job.main(args.arguments))
