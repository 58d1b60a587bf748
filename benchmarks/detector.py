"""`cold-detector`, `warm-detector`: an SSD against the usual way, TensorFlow and its SavedModel.

The published detector (`ACCEPTANCE_DIR`: a SavedModel archive and photographs) is imported into a
store of its own; the peer gets the very SavedModel.
"""

import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.process import OURS, PEERS, ROOT, figures, starts

PEER_NAME = "TensorFlow, SavedModel"
RUNS = 7
WARM_RUNS = 5
ARCHIVE = "ssd_mobilenet_v1_coco.tar.gz"
PHOTOGRAPH = "photographs/000000001000.jpg"


def run() -> list[Measurement]:
    """Cold and warm, on the published SSD; nothing where that is not at hand."""
    folder = Path(os.environ.get("ACCEPTANCE_DIR", ROOT.parent / "shared" / "acceptance"))
    if not folder.is_dir():
        sys.stderr.write(f"detector: skipped, no published detector in {folder} (ACCEPTANCE_DIR)\n")
        return []
    with tempfile.TemporaryDirectory() as scratch:
        environ = os.environ | {
            "MODEL_ROOT": f"{scratch}/models",
            "IMAGE_ALLOW_DATA": "true",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        job = [OURS, "-m", "training.detector.import_model", str(folder / ARCHIVE)]
        subprocess.run(job, cwd=ROOT, env=environ, check=True)
        saved_model = f"{scratch}/saved_model"
        with tarfile.open(folder / ARCHIVE) as archive:
            archive.extractall(saved_model, filter="data")
        return _measure(environ, saved_model, str(folder / PHOTOGRAPH))


def _measure(environ: dict[str, str], saved_model: str, photograph: str) -> list[Measurement]:
    ours = [OURS, "-m", "benchmarks.detector_process"]
    peer = [PEERS, str(ROOT / "benchmarks/peers/detector.py")]
    cold = starts(
        {
            "ours": ([*ours, "cold", photograph], environ),
            "peer": ([*peer, "cold", saved_model, photograph], environ),
        },
        RUNS,
    )
    warm_ours, warm_peer = _warm(
        [*ours, "warm", photograph], [*peer, "warm", saved_model, photograph], environ
    )
    memory = cold["ours"].megabytes, cold["peer"].megabytes
    note = f"{memory[0]:.0f} MB against {memory[1]:.0f} MB resident"
    return [
        less_is_better(
            "cold-detector",
            "s to the first detection",
            cold["ours"].seconds,
            cold["peer"].seconds,
            PEER_NAME,
            RUNS,
            note,
        ),
        less_is_better(
            "warm-detector",
            "ms a detection, from JPEG bytes",
            warm_ours,
            warm_peer,
            PEER_NAME,
            WARM_RUNS,
        ),
    ]


def _warm(ours: Sequence[str], peer: Sequence[str], environ: dict[str, str]) -> tuple[float, float]:
    pairs = [
        (figures(ours, environ)["milliseconds"], figures(peer, environ)["milliseconds"])
        for _ in range(WARM_RUNS)
    ]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)
