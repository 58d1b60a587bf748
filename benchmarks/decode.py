"""`decode-12mp`: a 12-megapixel JPEG to the input of a network, against full decode and resize."""

import io

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

from benchmarks.measurement import Measurement, interleaved, less_is_better
from headrace.images import decode

RUNS = 15
SIDE = 320


def run() -> list[Measurement]:
    """One picture, two ways."""
    data = _photograph()

    def ours() -> Image.Image:
        return decode(data, max_pixels=25_000_000, size_hint=(SIDE, SIDE)).resize((SIDE, SIDE))

    def peer() -> Image.Image:
        return Image.open(io.BytesIO(data)).convert("RGB").resize((SIDE, SIDE))

    seconds = interleaved({"ours": ours, "peer": peer}, RUNS)
    return [
        less_is_better(
            "decode-12mp",
            f"ms to {SIDE} x {SIDE}",
            seconds["ours"] * 1000,
            seconds["peer"] * 1000,
            "Pillow, full decode and resize",
            RUNS,
            f"{len(data) / 1e6:.1f} MB of JPEG",
        )
    ]


def _photograph() -> bytes:
    tile = load_sample_images().images[0]
    pixels = np.tile(tile, (8, 7, 1))[:3000, :4000]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
