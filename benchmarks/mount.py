"""`mount-classifier`, `mount-detector`: twenty cold starts at once, all files a millisecond away.

Each start is a process with a mount of its own (`peers/slow_mount.py`), as each Lambda environment
has one. Ours has its packages in the image and reads a model from the mount; the usual layout for
large packages has those on the mount, too. Needs FUSE and the right to mount.
"""

import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.detector import ARCHIVE, PHOTOGRAPH
from benchmarks.measurement import Measurement, less_is_better
from benchmarks.mounted import can_mount, counts, mounted
from benchmarks.process import OURS, PEERS, ROOT, finish

STARTS = 20
_EVENT = "examples/tumor.json"
_PACKAGES = next((ROOT / ".venv-bench" / "lib").glob("python*/site-packages"), Path())


class Starts(NamedTuple):
    """Medians over the starts."""

    seconds: float
    operations: float
    megabytes: float


def run() -> list[Measurement]:
    """The classifier, and the published detector where it is at hand."""
    if not can_mount():
        sys.stderr.write("mount: skipped, no FUSE here\n")
        return []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        measured = [_measure("mount-classifier", *_classifiers(scratch))]
        acceptance = Path(os.environ.get("ACCEPTANCE_DIR", ROOT.parent / "shared" / "acceptance"))
        if acceptance.is_dir():
            measured.append(_measure("mount-detector", *_detectors(scratch, acceptance)))
        return measured


def _measure(
    name: str, ours: tuple[Path, Sequence[str]], peer: tuple[Path, Sequence[str]]
) -> Measurement:
    with tempfile.TemporaryDirectory() as scratch:
        mine, theirs = (
            _together(Path(scratch, side), *given)
            for side, given in (("ours", ours), ("peer", peer))
        )
    return less_is_better(
        name,
        "s to the first answer",
        mine.seconds,
        theirs.seconds,
        "packages and model on the mount",
        1,
        f"{STARTS} processes at once, 1 ms for each operation of the mount; of it each takes"
        f" {mine.operations:.0f} against {theirs.operations:,.0f} operations and"
        f" {mine.megabytes:.2f} against {theirs.megabytes:.0f} MB",
    )


def _classifiers(scratch: Path) -> tuple[tuple[Path, Sequence[str]], tuple[Path, Sequence[str]]]:
    store = Path(os.environ.get("HEADRACE_MODEL_ROOT", ROOT / "var" / "models"))
    peer = scratch / "classifier"
    peer.mkdir()
    script = str(ROOT / "benchmarks/peers/classifier.py")
    finish([PEERS, script, "train", str(peer / "model.joblib")], os.environ)
    (peer / "packages").symlink_to(_PACKAGES)
    ours = [OURS, "-m", "benchmarks.classifier_process", "cold", _EVENT]
    return (store, ours), (
        peer,
        [PEERS, "-S", script, "cold", "{mount}/model.joblib", _EVENT],
    )


def _detectors(
    scratch: Path, acceptance: Path
) -> tuple[tuple[Path, Sequence[str]], tuple[Path, Sequence[str]]]:
    store, peer = scratch / "models", scratch / "detector"
    peer.mkdir()
    job = [OURS, "-m", "training.detector.importing.job", str(acceptance / ARCHIVE)]
    finish(job, {**os.environ, "HEADRACE_MODEL_ROOT": str(store)})
    with tarfile.open(acceptance / ARCHIVE) as archive:
        archive.extractall(peer / "model", filter="data")
    (peer / "packages").symlink_to(_PACKAGES)
    photograph = str(acceptance / PHOTOGRAPH)
    script = str(ROOT / "benchmarks/peers/detector.py")
    return (store, [OURS, "-m", "benchmarks.detector_process", "cold", photograph]), (
        peer,
        [PEERS, "-S", script, "cold", "{mount}/model", photograph],
    )


def _together(scratch: Path, folder: Path, command: Sequence[str]) -> Starts:
    """Mount, start all, wait for all first lines, unmount, read the counts."""
    mounts = [scratch / str(number) for number in range(STARTS)]
    with ExitStack() as stack:
        for mount in mounts:
            stack.enter_context(mounted(folder, mount))
        begun = time.perf_counter()
        started = [stack.enter_context(_start(command, mount)) for mount in mounts]
        with ThreadPoolExecutor(STARTS) as readers:
            seconds = [answered - begun for answered in readers.map(_first_line, started)]
        for child in started:
            child.kill()
    served = [counts(mount) for mount in mounts]
    return Starts(
        statistics.median(seconds),
        statistics.median(each.operations for each in served),
        statistics.median(each.bytes for each in served) / 1e6,
    )


def _start(command: Sequence[str], mount: Path) -> subprocess.Popen[str]:
    environ: Mapping[str, str] = {
        **os.environ,
        "HEADRACE_MODEL_ROOT": str(mount),
        "PYTHONPATH": str(mount / "packages"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "HEADRACE_IMAGE_ALLOW_DATA": "true",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    arguments = [part.replace("{mount}", str(mount)) for part in command]
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _first_line(child: subprocess.Popen[str]) -> float:
    if child.stdout is None or not child.stdout.readline():
        raise RuntimeError("a start gave no answer")
    return time.perf_counter()
