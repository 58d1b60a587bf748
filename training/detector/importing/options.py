"""The command line of an import."""

import argparse
import math
from pathlib import Path
from typing import get_args

from headrace.cli import Parser
from models.detector.raw_head import AnchorGrid
from models.detector.spec import RuntimeName
from training.detector.importing.raw_options import RawOptions

# The SSD MobileNetV2 of Open Images V4 (600 classes), where tfhub.dev's models live now.
DEFAULT_SOURCE = (
    "https://www.kaggle.com/api/v1/models/google/mobilenet-v2/tensorFlow1"
    "/openimages-v4-ssd-mobilenet-v2/1/download"
)
RUNTIMES: tuple[RuntimeName, ...] = ("litert", "onnxruntime", "tensorflow")


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    options = Parser(prog="python -m training import", description="Import a published detector.")
    options.add_argument("source", nargs="?", default=DEFAULT_SOURCE, help="path or URL")
    options.add_argument("--sha256", help="the digest that the source must have")
    options.add_argument("--labels", type=Path, help="label file of a .tflite: .pbtxt or lines")
    options.add_argument("--model", default="detector", help="name in the model store")
    options.add_argument(
        "--runtime",
        action="append",
        choices=RUNTIMES,
        help="serve by this runtime only; repeat in the order of preference",
    )
    _add_raw(options)
    return options


def _add_raw(parser: argparse.ArgumentParser) -> None:
    raw = parser.add_argument_group("a .tflite that ends before its postprocessing")
    raw.add_argument(
        "--heads",
        choices=("postprocessed", "raw"),
        default="postprocessed",
        help="what the graph answers: detections (the default), or box encodings and class logits",
    )
    raw.add_argument(
        "--anchors", choices=get_args(AnchorGrid), default="ssd-300", help="the grid of anchors"
    )
    raw.add_argument(
        "--box-coder",
        type=_box_coder,
        default=RawOptions().box_coder,
        metavar="Y,X,H,W",
        help="the scales of the box encodings (default 10,10,5,5)",
    )
    raw.add_argument(
        "--input-range",
        type=_input_range,
        default=RawOptions().input_range,
        metavar="LOW,HIGH",
        help="what the input holds for pixel values 0 and 255 (default -1,1)",
    )


def _box_coder(text: str) -> tuple[float, ...]:
    values = _numbers(text)
    if len(values) != 4 or min(values) <= 0:  # they divide
        raise argparse.ArgumentTypeError(f"{text!r} is not four numbers over 0, as 10,10,5,5")
    return values


def _input_range(text: str) -> tuple[float, ...]:
    values = _numbers(text)
    if len(values) != 2 or values[0] == values[1]:  # every picture would be the same
        raise argparse.ArgumentTypeError(f"{text!r} is not two different numbers, as -1,1")
    return values


def _numbers(text: str) -> tuple[float, ...]:
    """Read numbers between commas; none at all if one is none, or has no end."""
    try:
        values = tuple(map(float, text.split(",")))
    except ValueError:
        return ()
    return values if all(map(math.isfinite, values)) else ()


def raw_options(options: argparse.Namespace) -> RawOptions | None:
    """Say how a graph without postprocessing is read; None if the graph has it."""
    if options.heads != "raw":
        return None
    return RawOptions(
        anchors=options.anchors, box_coder=options.box_coder, input_range=options.input_range
    )
