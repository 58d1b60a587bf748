"""`image-cold-*`, `image-size-*`: our images beside the usual ones.

A cold start is the time from the first invocation, at which the emulator starts the runtime, to its
answer. It is taken twice: with the page cache as it is, and with all that the image and the model
folder hold put out of it. Each turn is a new container; ours and the peer's take turns.
"""

import importlib
import os
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.process import PEERS, ROOT, finish
from models.store import ModelStore
from tests.support.containers import Function
from tests.support.image_server import ImageServer, answer
from tests.support.podman import Podman
from training.detector.description import describe
from training.detector.import_model import import_file

# The helpers that no type checker sees.
tumor: Any = importlib.import_module("tests.support.tumor")
published: Any = importlib.import_module("tests.support.detector")

RUNS = 5
PEER_IMAGE = "peer"
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

Make = Callable[[], Function]


class Contestant(NamedTuple):
    """How to make one of its containers, what to ask, and whose files a cold start reads."""

    make: Make
    event: Mapping[str, Any]
    image: str
    models: Path


def run() -> list[Measurement]:
    """Build, then both cold starts and the sizes."""
    podman = Podman()
    podman.build("stream", "classifier", "detector")
    podman.build_file(PEER_DOCKERFILE, PEER_IMAGE)
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        os.chmod(scratch, 0o755)  # noqa: PTH101 - the container's user looks into it
        return [
            _cold(podman, "image-cold-classifier", CLASSIFIER_PEER, _classifiers(podman, scratch)),
            _cold(podman, "image-cold-detector", DETECTOR_PEER, _detectors(podman, scratch, stack)),
            *_sizes(podman),
        ]


def _cold(
    podman: Podman, name: str, peer_name: str, contestants: dict[str, Contestant]
) -> Measurement:
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


def _starts(
    contestants: dict[str, Contestant], prepare: Callable[[Contestant], None]
) -> dict[str, float]:
    """Median seconds of each, by turns; the first turn is not measured."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(RUNS + 1):
        for name, contestant in contestants.items():
            with contestant.make() as function:
                prepare(contestant)
                begun = time.perf_counter()
                given = function.invoke(contestant.event)
                seconds = time.perf_counter() - begun
            if "errorType" in given:
                raise RuntimeError(f"{name}: {given}")
            if turn:
                taken[name].append(seconds)
    return {name: statistics.median(times) for name, times in taken.items()}


def _classifiers(podman: Podman, scratch: str) -> dict[str, Contestant]:
    models, peer = Path(scratch, "tumor"), Path(scratch, "joblib")
    tumor.publish(models, rounds=200)
    peer.mkdir()
    finish(
        [PEERS, str(ROOT / "benchmarks/peers/classifier.py"), "train", f"{peer}/model.joblib"],
        os.environ,
    )
    return {
        "ours": _ours(podman, "classifier", "tumor_classifier", models, tumor.EVENT, 512),
        "peer": _peer(podman, "classifier_function", peer, "model.joblib", tumor.EVENT),
    }


def _detectors(podman: Podman, scratch: str, stack: ExitStack) -> dict[str, Contestant]:
    """The same published network, as LiteRT serves it and as TensorFlow does."""
    folder = published.acceptance_folder()
    models, peer = Path(scratch, "detector"), Path(scratch, "savedmodel")
    imported = import_file(folder / published.TFLITE, folder / published.LABELS)
    described = describe("detector", imported.spec, metrics={}, training_data="")
    ModelStore(models).publish(imported.files, described)
    with tarfile.open(folder / published.ARCHIVE) as archive:
        archive.extractall(peer, filter="data")
    photograph = min((folder / "photographs").iterdir())
    server = stack.enter_context(ImageServer({"/photograph": answer(photograph.read_bytes())}))
    event = {"url": server.url("/photograph")}
    hosts = {"IMAGE_ALLOW_HOSTS": f"127.0.0.1:{server.port}"}
    return {
        "ours": _ours(podman, "detector", "object_detector", models, event, 1024, hosts),
        "peer": _peer(podman, "detector_function", peer, "", event),
    }


def _ours(
    podman: Podman,
    image: str,
    worker: str,
    models: Path,
    event: Mapping[str, Any],
    memory: int,
    environ: Mapping[str, str] | None = None,
) -> Contestant:
    def make() -> Function:
        handler = f"workers.{worker}.handler"
        return Function(podman, image, handler, models=models, environ=environ, memory=memory)

    return Contestant(make, event, image, models)


def _peer(
    podman: Podman, module: str, folder: Path, model: str, event: Mapping[str, Any]
) -> Contestant:
    def make() -> Function:
        return Function(
            podman,
            PEER_IMAGE,
            f"{module}.handler",
            models=folder,
            environ={"MODEL": f"/mnt/models/{model}"},
            mounts=(f"{ROOT}/benchmarks/peers:/opt/functions:ro",),
            memory=3072,
        )

    return Contestant(make, event, PEER_IMAGE, folder)


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
