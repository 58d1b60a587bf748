"""The usual TensorFlow function: a SavedModel from the mount, an image by its URL."""

import json
import os
import urllib.request
from typing import Any

import tensorflow as tf

_model = tf.saved_model.load(os.environ["MODEL"])
_detect = next(iter(_model.signatures.values()))
((_input, _spec),) = _detect.structured_input_signature[1].items()


def handler(event: dict[str, str], context: Any) -> dict[str, Any]:
    """Answer `{"url": …}` with boxes and scores."""
    del context
    with urllib.request.urlopen(event["url"]) as answer:
        image = tf.io.decode_image(answer.read(), channels=3, expand_animations=False)
    outputs = _detect(**{_input: tf.image.convert_image_dtype(image, _spec.dtype)[tf.newaxis]})
    body = {
        name: outputs[name][0].numpy().tolist() for name in ("detection_boxes", "detection_scores")
    }
    return {"statusCode": 200, "body": json.dumps(body)}
