"""Our detector in a process of its own.

`cold IMAGE` answers one image through the worker; `warm IMAGE...` times many rounds of them, from
JPEG bytes.
"""

import base64
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROUNDS = 5


def cold(data: bytes) -> None:
    """Answer, then wait until the benchmark has looked at our memory."""
    from workers.object_detector import handler

    url = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    sys.stdout.write(json.dumps(handler({"url": url})) + "\n")
    sys.stdout.flush()
    time.sleep(60)


def warm(images: list[bytes]) -> dict[str, float]:
    """Median milliseconds from JPEG bytes to detections."""
    import numpy as np

    from headrace.images import decode
    from workers.object_detector import ObjectDetector

    worker = ObjectDetector()
    worker.setup()
    detector = worker.model.current()
    size = detector.spec.input_size
    hint = (size[1], size[0]) if size else None

    def detect(data: bytes) -> Any:
        return detector.detect(np.asarray(decode(data, max_pixels=25_000_000, size_hint=hint)))

    times = []
    for data in images * ROUNDS:
        begun = time.perf_counter()
        detect(data)
        times.append(time.perf_counter() - begun)
    return {"milliseconds": statistics.median(times[len(images) :]) * 1000}


if __name__ == "__main__":
    verb, *paths = sys.argv[1:]
    contents = [Path(path).read_bytes() for path in paths]
    if verb == "cold":
        cold(*contents)
    else:
        sys.stdout.write(json.dumps(warm(contents)) + "\n")
