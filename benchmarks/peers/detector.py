"""The usual way to serve an SSD on Lambda: TensorFlow and the SavedModel.

`cold MODEL IMAGE` answers one image, `warm MODEL IMAGE...` times many rounds of them. Runs in the
peers' environment.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Infer = Callable[[bytes], dict[str, Any]]

ROUNDS = 5


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


def warm(infer: Infer, images: list[bytes]) -> dict[str, float]:
    """Median milliseconds of one detection."""
    times = []
    for data in images * ROUNDS:
        begun = time.perf_counter()
        infer(data)
        times.append(time.perf_counter() - begun)
    return {"milliseconds": statistics.median(times[len(images) :]) * 1000}


if __name__ == "__main__":
    verb, path, *images = sys.argv[1:]
    contents = [Path(image).read_bytes() for image in images]
    infer = load_infer(path)
    print(json.dumps(infer(*contents) if verb == "cold" else warm(infer, contents)), flush=True)
    if verb == "cold":
        time.sleep(60)  # until the benchmark has looked at our memory
