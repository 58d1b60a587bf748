"""`cold-detector-open-images`, `warm-detector-open-images`: beside a plain LiteRT loop.

The SSD of Open Images that `make train` published (`HEADRACE_MODEL_ROOT`), on the photographs of
`ACCEPTANCE_DIR`. Its weights exist as a TFLite file alone, so there is no TensorFlow to compare.
"""

import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.process import OURS, ROOT, figures, starts
from headrace.store.model_store import ModelStore

PEER = "plain LiteRT loop"
ARTIFACT = "detector.tflite"
RUNS = 9


def run() -> list[Measurement]:
    """Cold, then warm, by turns."""
    root = os.environ.get("HEADRACE_MODEL_ROOT", str(ROOT / "var" / "models"))
    acceptance = os.environ.get("ACCEPTANCE_DIR", ROOT.parent / "shared" / "acceptance")
    images = sorted(map(str, Path(acceptance, "photographs").iterdir()))
    version = ModelStore(Path(root)).open("detector")
    if version.manifest.attributes["detector"]["head"] != "raw":
        raise SystemExit(f"the detector in {root} is another one: make train")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, ARTIFACT)
        file.write_bytes(version.read(ARTIFACT))
        return [_cold(root, file, images), _warm(root, file, images)]


def _commands(verb: str, file: Path, images: Sequence[str]) -> tuple[list[str], list[str]]:
    ours = [OURS, "-m", "benchmarks.detector_process", verb, *images]
    return ours, [OURS, str(ROOT / "benchmarks/peers/open_images.py"), verb, str(file), *images]


def _cold(root: str, file: Path, images: Sequence[str]) -> Measurement:
    ours, peer = _commands("cold", file, images[:1])
    environ = os.environ | {"HEADRACE_MODEL_ROOT": root, "HEADRACE_IMAGE_ALLOW_DATA": "true"}
    cold = starts({"ours": (ours, environ), "peer": (peer, environ)}, RUNS)
    note = f"{cold['ours'].megabytes:.0f} MB against {cold['peer'].megabytes:.0f} MB resident"
    seconds = cold["ours"].seconds, cold["peer"].seconds
    name = "cold-detector-open-images"
    return less_is_better(name, "s to the first detection", *seconds, PEER, RUNS, note)


def _warm(root: str, file: Path, images: Sequence[str]) -> Measurement:
    ours, peer = _commands("warm", file, images)
    environ = os.environ | {"HEADRACE_MODEL_ROOT": root}
    pairs = [
        (figures(ours, environ)["milliseconds"], figures(peer, environ)["milliseconds"])
        for _ in range(RUNS)
    ]
    ours_ms, peer_ms = (statistics.median(side) for side in zip(*pairs, strict=True))
    name, note = "warm-detector-open-images", f"{len(images)} photographs"
    unit = "ms a detection, from JPEG bytes"
    return less_is_better(name, unit, ours_ms, peer_ms, PEER, RUNS, note)
