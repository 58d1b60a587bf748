"""`cold-classifier`, `warm-classifier`: the breast-cancer classifier against the usual way.

The usual way is that of AWS's own sample: joblib, a pandas frame per call, the scikit-learn
wrapper. It runs in the peers' environment, each process by turns with ours.
"""

import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.process import OURS, PEERS, ROOT, figures, finish, starts

EVENT = "examples/tumor.json"
PEER_NAME = "joblib + pandas + scikit-learn wrapper"
RUNS = 9
WARM_RUNS = 5


def run() -> list[Measurement]:
    """Cold and warm."""
    ours = [OURS, "-m", "benchmarks.classifier_process"]
    peer = [PEERS, str(ROOT / "benchmarks/peers/classifier.py")]
    environ = os.environ | {"OMP_NUM_THREADS": "1", "HEADRACE_MODEL_ROOT": _store()}
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder, "model.joblib"))
        finish([*peer, "train", model], environ)
        cold = starts(
            {
                "ours": ([*ours, "cold", EVENT], environ),
                "peer": ([*peer, "cold", model, EVENT], environ),
            },
            RUNS,
        )
        warm = [
            (
                figures([*ours, "warm", EVENT], environ),
                figures([*peer, "warm", model, EVENT], environ),
            )
            for _ in range(WARM_RUNS)
        ]
    read = figures([*ours, "reads", EVENT], environ)
    return [
        less_is_better(
            "cold-classifier",
            "s to the first answer",
            cold["ours"].seconds,
            cold["peer"].seconds,
            PEER_NAME,
            RUNS,
            f"{cold['ours'].megabytes:.0f} MB against {cold['peer'].megabytes:.0f} MB resident; "
            f"{sum(read.values()) / 1000:.0f} kB read from the model root: "
            + ", ".join(f"{Path(path).name} {size:.0f} B" for path, size in read.items()),
        ),
        less_is_better(
            "warm-classifier",
            "ms a prediction",
            statistics.median(ours["milliseconds"] for ours, _ in warm),
            statistics.median(peer["milliseconds"] for _, peer in warm),
            PEER_NAME,
            WARM_RUNS,
            "10,000 rows as one batch: "
            f"{statistics.median(ours['batch_milliseconds'] for ours, _ in warm):.1f} ms",
        ),
    ]


def _store() -> str:
    return os.environ.get("HEADRACE_MODEL_ROOT", str(ROOT / "var" / "models"))
