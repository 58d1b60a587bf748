"""`cold-detector`, `warm-detector`: an SSD against the usual way, TensorFlow and its SavedModel.

Two of them: the published detector (`ACCEPTANCE_DIR`: a SavedModel archive and photographs), which
is imported into a store of its own, and the one that `make train` published
(`HEADRACE_MODEL_ROOT`). The peer gets the very SavedModel that ours was converted from.
"""

import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.process import OURS, PEERS, ROOT, figures, starts
from headrace.store.errors import StoreError
from headrace.store.model_store import ModelStore

PEER_NAME = "TensorFlow, SavedModel"
RUNS = 7
WARM_RUNS = 5
ARCHIVE = "ssd_mobilenet_v1_coco.tar.gz"
PHOTOGRAPH = "photographs/000000001000.jpg"
DIGITS = ROOT / "examples" / "digits.jpg"
SAVED_MODEL = "saved_model"


class Contest(NamedTuple):
    """One detector in both forms, and the images that both are asked about, the first one cold."""

    store: str
    saved_model: str
    images: Sequence[str]


def run() -> list[Measurement]:
    """Cold and warm on the published SSD, cold on our own; nothing of one that is not at hand."""
    results = []
    with _published() as contest:
        if contest:
            results += [_cold("cold-detector", contest), _warm("warm-detector", contest)]
    with _trained() as contest:
        if contest:
            results.append(_cold("cold-detector-own", contest))
    return results


@contextmanager
def _published() -> Iterator[Contest | None]:
    folder = Path(os.environ.get("ACCEPTANCE_DIR", ROOT.parent / "shared" / "acceptance"))
    if not folder.is_dir():
        sys.stderr.write(f"detector: skipped, no published detector in {folder} (ACCEPTANCE_DIR)\n")
        yield None
        return
    with tempfile.TemporaryDirectory() as scratch:
        first = folder / PHOTOGRAPH
        images = [str(first), *sorted(str(p) for p in first.parent.iterdir() if p != first)]
        contest = Contest(f"{scratch}/models", f"{scratch}/saved_model", images)
        job = [OURS, "-m", "training.detector.importing.job", str(folder / ARCHIVE)]
        subprocess.run(job, cwd=ROOT, env=_environ(contest), check=True)
        with tarfile.open(folder / ARCHIVE) as archive:
            archive.extractall(contest.saved_model, filter="data")
        yield contest


@contextmanager
def _trained() -> Iterator[Contest | None]:
    root = Path(os.environ.get("HEADRACE_MODEL_ROOT", ROOT / "var" / "models")).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            ModelStore(root).open("detector").unpack(Path(scratch), SAVED_MODEL)
        except StoreError as error:
            sys.stderr.write(f"detector: skipped, no trained detector (make train): {error}\n")
            yield None
            return
        yield Contest(str(root), scratch, [str(DIGITS)])


def _environ(contest: Contest) -> Mapping[str, str]:
    return os.environ | {
        "HEADRACE_MODEL_ROOT": contest.store,
        "HEADRACE_IMAGE_ALLOW_DATA": "true",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _commands(
    verb: str, contest: Contest, images: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    ours = [OURS, "-m", "benchmarks.detector_process", verb]
    peer = [PEERS, str(ROOT / "benchmarks/peers/detector.py"), verb, contest.saved_model]
    return [*ours, *images], [*peer, *images]


def _cold(name: str, contest: Contest) -> Measurement:
    ours, peer = _commands("cold", contest, contest.images[:1])
    environ = _environ(contest)
    cold = starts({"ours": (ours, environ), "peer": (peer, environ)}, RUNS)
    return less_is_better(
        name,
        "s to the first detection",
        cold["ours"].seconds,
        cold["peer"].seconds,
        PEER_NAME,
        RUNS,
        f"{cold['ours'].megabytes:.0f} MB against {cold['peer'].megabytes:.0f} MB resident",
    )


def _warm(name: str, contest: Contest) -> Measurement:
    ours, peer = _commands("warm", contest, contest.images)
    environ = _environ(contest)
    pairs = [
        (figures(ours, environ)["milliseconds"], figures(peer, environ)["milliseconds"])
        for _ in range(WARM_RUNS)
    ]
    return less_is_better(
        name,
        "ms a detection, from JPEG bytes",
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        PEER_NAME,
        WARM_RUNS,
        f"{len(contest.images)} photographs",
    )
