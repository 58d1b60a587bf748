"""`image-cold-*`, `image-mount-*`, `image-size-*`: our images beside the usual ones.

A cold start is the time from the first invocation, at which the emulator starts the runtime, to its
answer. It is taken twice: with the page cache as it is, and with all that the image and the model
folder hold put out of it. Each turn is a new container; ours and the peer's take turns. One more
start of each has its models on a mount that counts the bytes it gives.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.detector import ARCHIVE
from benchmarks.image_contestants import (
    PEER_IMAGE,
    Contestant,
    Contestants,
    classifiers,
    detectors,
)
from benchmarks.measurement import Measurement, less_is_better
from benchmarks.mounted import can_mount, counts, mounted
from benchmarks.process import ROOT
from tests.support.containers.podman import Podman, missing_tools

RUNS = 5
PEER_DOCKERFILE = "benchmarks/peers/functions.Dockerfile"
CLASSIFIER_PEER = "joblib + pandas + scikit-learn wrapper as an image"
DETECTOR_PEER = "TensorFlow SavedModel as an image"
CLASSIFIER_PACKAGES = (
    "joblib",
    "numpy*",
    "pandas*",
    "scikit_learn*",
    "scipy*",
    "sklearn",
    "xgboost*",
)


def run() -> list[Measurement]:
    """Build, then the cold starts and the sizes; the detector's where the published one is."""
    if missing := missing_tools():
        sys.stderr.write(f"images: skipped, not installed: {', '.join(missing)}\n")
        return []
    podman = Podman()
    podman.build("stream", "classifier", "detector")
    podman.build_file(PEER_DOCKERFILE, PEER_IMAGE)
    acceptance = Path(os.environ.get("ACCEPTANCE_DIR", ROOT.parent / "shared" / "acceptance"))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        scratch = Path(folder)
        scratch.chmod(0o755)  # the container's user looks into it
        both = {"classifier": (CLASSIFIER_PEER, classifiers(podman, scratch))}
        if (acceptance / ARCHIVE).is_file():
            found = detectors(podman, scratch, acceptance, stack)
            both["detector"] = (DETECTOR_PEER, found)
        measured = [_cold(podman, f"image-cold-{name}", *both[name]) for name in both]
        if can_mount():
            measured += [_mounted(f"image-mount-{name}", *both[name], scratch) for name in both]
        return [*measured, *_sizes(podman)]


def _cold(podman: Podman, name: str, peer_name: str, contestants: Contestants) -> Measurement:
    warm = _starts(contestants, lambda _: None)
    dropped = _starts(contestants, lambda contestant: _evict(podman, contestant))
    ratio = dropped["peer"] / dropped["ours"]
    return less_is_better(
        name,
        "s from process start to the first answer",
        warm["ours"],
        warm["peer"],
        peer_name,
        RUNS,
        f"page cache dropped: {dropped['ours']:.2f} s against {dropped['peer']:.2f} s"
        f" ({ratio:.1f} times)",
    )


def _mounted(name: str, peer_name: str, contestants: Contestants, scratch: Path) -> Measurement:
    read = {}
    for side, contestant in contestants.items():
        mount = scratch / f"{name}-{side}"
        with mounted(contestant.models, mount), contestant.make(mount) as function:
            _answered(side, function.invoke(contestant.event))
        read[side] = counts(mount).bytes / 1e6
    needed = _megabytes(contestants["ours"].models)
    return less_is_better(
        name,
        "MB read from the mount by a cold start",
        read["ours"],
        read["peer"],
        peer_name,
        1,
        f"alias, manifest and model have {needed:.4g} MB",
    )


def _starts(contestants: Contestants, prepare: Callable[[Contestant], None]) -> dict[str, float]:
    """Median seconds of each, by turns; the first turn is not measured."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(RUNS + 1):
        for name, contestant in contestants.items():
            with contestant.make(contestant.models) as function:
                prepare(contestant)
                begun = time.perf_counter()
                given = function.invoke(contestant.event)
                seconds = time.perf_counter() - begun
            _answered(name, given)
            if turn:
                taken[name].append(seconds)
    return {name: statistics.median(times) for name, times in taken.items()}


def _answered(name: str, given: Any) -> None:
    if "errorType" in given:
        raise RuntimeError(f"{name}: {given}")


def _evict(podman: Podman, contestant: Contestant) -> None:
    """Put an image's files, and its models, out of the page cache."""
    with _files(podman, contestant.image) as root:
        for folder in (root, contestant.models):
            for path in folder.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    _forget(path)


def _forget(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _sizes(podman: Podman) -> Iterator[Measurement]:
    """What the images add to their base, in MB, unpacked."""
    with _files(podman, PEER_IMAGE) as root:
        packages = root / "opt" / "packages"
        peers = {
            "classifier": sum(_megabytes(p) for n in CLASSIFIER_PACKAGES for p in packages.glob(n)),
            "detector": _megabytes(packages),
        }
    for image, peer_name in (("classifier", CLASSIFIER_PEER), ("detector", DETECTOR_PEER)):
        with _files(podman, image) as root, _files(podman, "stream") as stream:
            ours = _megabytes(root / "opt" / "headrace")
            note = f"stream image: {_megabytes(stream / 'opt' / 'headrace'):.0f} MB"
        yield less_is_better(
            f"image-size-{image}", "MB added to the base", ours, peers[image], peer_name, 1, note
        )


@contextmanager
def _files(podman: Podman, image: str) -> Iterator[Path]:
    """An image's files, mounted while the context lasts."""
    yield Path(podman("image", "mount", f"headrace-{image}").strip())
    podman("image", "unmount", f"headrace-{image}")


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.lstat().st_size for file in files if not file.is_dir()) / 1e6
