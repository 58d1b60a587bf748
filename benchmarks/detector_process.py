"""Our detector in a process of its own.

`cold IMAGE` answers one image through the worker, `warm IMAGE` times many, from JPEG bytes.
"""

import base64
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any


def cold(data: bytes) -> None:
    """Answer, then wait until the benchmark has looked at our memory."""
    from workers.object_detector import handler

    url = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    sys.stdout.write(json.dumps(handler({"url": url})) + "\n")
    sys.stdout.flush()
    time.sleep(60)


def warm(data: bytes) -> dict[str, float]:
    """Median milliseconds from JPEG bytes to detections."""
    import numpy as np

    from models.detector import Detector
    from models.image import decode
    from models.settings import StoreSettings
    from workers.settings import read

    detector = Detector.load(read(StoreSettings).store().open("detector"))
    size = detector.spec.input_size
    hint = (size[1], size[0]) if size else None

    def detect() -> Any:
        return detector.detect(np.asarray(decode(data, max_pixels=25_000_000, size_hint=hint)))

    times = []
    for _ in range(60):
        begun = time.perf_counter()
        detect()
        times.append(time.perf_counter() - begun)
    return {"milliseconds": statistics.median(times[10:]) * 1000}


if __name__ == "__main__":
    verb, path = sys.argv[1:]
    content = Path(path).read_bytes()
    if verb == "cold":
        cold(content)
    else:
        sys.stdout.write(json.dumps(warm(content)) + "\n")
