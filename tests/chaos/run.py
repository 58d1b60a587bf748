"""Chaos on a real Kafka: `python -m tests.chaos.run`; exits with 1 where a promise is broken.

Histories and logs stay in the folder that it names.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from headrace.testing.brokers.apache_kafka import KafkaBroker
from tests.support.chaos.chaos import Chaos
from tests.support.chaos.plan import BROKER, ENDINGS, MEMBERS, Plan


def main() -> int:
    plan, folder = _arguments()
    sys.stdout.write(f"histories and logs: {folder}\n")
    with KafkaBroker(folder / "kafka", properties=BROKER) as broker:
        verdict = Chaos(plan, broker, folder, _tell).run()
    _tell(str(verdict))
    return 0 if verdict.ok else 1


def _arguments() -> tuple[Plan, Path]:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in Plan()._asdict().items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=type(default),
            default=default,
            choices={"member": MEMBERS, "ending": ENDINGS}.get(name),
            help=f"default: {default}",
        )
    parser.add_argument("--folder", type=Path, help="default: a new one for temporary files")
    chosen = vars(parser.parse_args())
    folder = chosen.pop("folder") or Path(tempfile.mkdtemp(prefix="headrace-chaos-"))
    return Plan(**chosen), folder


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
