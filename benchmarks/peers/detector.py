"""The usual way to serve an SSD on Lambda: TensorFlow and the SavedModel.

`cold MODEL IMAGE` answers one image, `warm MODEL IMAGE` times many. Runs in the peers' environment.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Infer = Callable[[bytes], dict[str, Any]]


def load_infer(path: str) -> Infer:
    """The reference function: TensorFlow imported at the top, the model loaded once."""
    import tensorflow as tf

    detector = tf.saved_model.load(path).signatures["default"]

    def infer(data: bytes) -> dict[str, Any]:
        pixels = tf.image.decode_jpeg(data, channels=3)
        image = tf.image.convert_image_dtype(pixels, tf.float32)[tf.newaxis]
        outputs = {name: value.numpy() for name, value in detector(image).items()}
        return {
            "detection_boxes": outputs["detection_boxes"].tolist(),
            "detection_scores": outputs["detection_scores"].tolist(),
            "detection_class_entities": [
                name.decode() for name in outputs["detection_class_entities"]
            ],
        }

    return infer


def warm(infer: Infer, data: bytes) -> dict[str, float]:
    """Median milliseconds of one detection."""
    times = []
    for _ in range(60):
        begun = time.perf_counter()
        infer(data)
        times.append(time.perf_counter() - begun)
    return {"milliseconds": statistics.median(times[10:]) * 1000}


if __name__ == "__main__":
    verb, path, image = sys.argv[1:]
    data = Path(image).read_bytes()
    infer = load_infer(path)
    print(json.dumps(infer(data) if verb == "cold" else warm(infer, data)), flush=True)
    if verb == "cold":
        time.sleep(60)  # until the benchmark has looked at our memory
