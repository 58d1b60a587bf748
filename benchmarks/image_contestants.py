"""Who takes part in the benchmark of the images: ours and the usual way, with the same models."""

import importlib
import os
import tarfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.process import PEERS, ROOT, finish
from headrace.store.publisher import Publisher
from tests.support.containers.container import Function
from tests.support.containers.podman import Podman
from tests.support.images.server import ImageServer, answer
from training.detector.description import describe
from training.detector.importing.job import import_file

# The helpers that no type checker sees.
tumor: Any = importlib.import_module("tests.support.models.tumor")
published: Any = importlib.import_module("tests.support.models.detector")

PEER_IMAGE = "peer"

# Takes the folder to mount as the models.
Make = Callable[[Path], Function]


class Contestant(NamedTuple):
    """How to make one of its containers, what to ask, and whose files a cold start reads."""

    make: Make
    event: Mapping[str, Any]
    image: str
    models: Path


Contestants = Mapping[str, Contestant]
"""Two of them, `ours` and `peer`."""


def classifiers(podman: Podman, scratch: Path) -> Contestants:
    """The same data, learnt by XGBoost in our store and in the usual pickled wrapper."""
    models, peer = scratch / "tumor", scratch / "joblib"
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


def detectors(podman: Podman, scratch: Path, folder: Path, stack: ExitStack) -> Contestants:
    """The same published SavedModel, as LiteRT serves it once imported and as TensorFlow does.

    Args:
        podman: has the images.
        scratch: where the models are put.
        folder: the published detector and photographs.
        stack: ends the server that has the photograph.
    """
    models, peer = scratch / "detector", scratch / "savedmodel"
    imported = import_file(folder / published.ARCHIVE, None)
    described = describe("detector", imported.spec, metrics={}, training_data="")
    Publisher(models).publish(imported.files, described)
    with tarfile.open(folder / published.ARCHIVE) as archive:
        archive.extractall(peer, filter="data")
    photograph = min((folder / "photographs").iterdir())
    server = stack.enter_context(ImageServer({"/photograph": answer(photograph.read_bytes())}))
    event = {"url": server.url("/photograph")}
    hosts = {"HEADRACE_IMAGE_ALLOW_HOSTS": f"127.0.0.1:{server.port}"}
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
    def make(folder: Path) -> Function:
        handler = f"workers.{worker}.handler"
        return Function(podman, image, handler, models=folder, environ=environ, memory=memory)

    return Contestant(make, event, image, models)


def _peer(
    podman: Podman, module: str, models: Path, model: str, event: Mapping[str, Any]
) -> Contestant:
    def make(folder: Path) -> Function:
        return Function(
            podman,
            PEER_IMAGE,
            f"{module}.handler",
            models=folder,
            environ={"MODEL": f"/mnt/models/{model}"},
            mounts=(f"{ROOT}/benchmarks/peers:/opt/functions:ro",),
            memory=3072,
        )

    return Contestant(make, event, PEER_IMAGE, models)
