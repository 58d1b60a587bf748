"""The detector of real objects: fetched as an npm package, imported, published.

    python -m training objects [--package FILE]

Without npm, the detector of handwritten digits is trained and published in its place.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from headrace.cli import Parser
from headrace.errors import HeadraceError
from training.detector.importing import open_images
from training.detector.importing.imported import Imported
from training.detector.importing.publish import publish
from training.store import open_store

MODEL = "detector"

_CARD = """\
# Object detector

A single-shot detector (SSD) with a MobileNetV2 backbone, trained by Google on Open Images V4, input
300 x 300 pixels, weights of 16 bits. Imported from the npm package `{package}`.

Licence of the model: {licence}.

## Use

- **Input:** an RGB image of any size; it is scaled to the network's input, its shape ignored.
- **Output:** boxes, scores and class names, after suppression by class.
- **Classes:** {classes}.

For everyday objects that fill a good part of the picture.

## What it finds on photographs that Python packages carry

{findings}

## Limits

- Small and crowded objects are mostly missed: the network sees 300 x 300 pixels.
- The scores are no probabilities. Below 0.4 a detection is more often wrong than right.
- What it was trained on, and how, is its publisher's to say.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish the detector; returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.package is None and open_images.npm() is None:
        sys.stderr.write(
            "npm is not installed: training the detector of handwritten digits instead."
            " For real objects, install npm and run `make train` again.\n"
        )
        from training.detector.train import main as train  # noqa: PLC0415 - TensorFlow

        return train([])
    try:
        store = open_store(MODEL)
        tarball = _read(options.package) if options.package else open_images.fetch()
        imported = with_card(open_images.import_package(tarball))
        origin = {"name": open_images.PACKAGE, "sha256": hashlib.sha256(tarball).hexdigest()}
        version = publish(store, imported, MODEL, origin)
    except (HeadraceError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"{MODEL} published as {version.name}: {open_images.PACKAGE}\n")
    return 0


def _read(package: Path) -> bytes:
    return sys.stdin.buffer.read() if str(package) == "-" else package.read_bytes()


def with_card(imported: Imported) -> Imported:
    """Add the model card."""
    text = _CARD.format(
        package=open_images.PACKAGE,
        licence=open_images.LICENCE,
        classes=", ".join(imported.spec.labels),
        findings="\n".join(_findings(imported)),
    )
    files = {**imported.files, "model_card.md": text.encode()}
    return msgspec.structs.replace(imported, files=files)


def _findings(imported: Imported) -> list[str]:
    from headrace.runtimes.litert import LiteRt  # noqa: PLC0415
    from models.detector.model import Detector  # noqa: PLC0415 - LiteRT is slow
    from training.detector.importing.golden_images import PHOTOGRAPHS, read  # noqa: PLC0415

    model = imported.files[imported.spec.artifact]
    detector = Detector(LiteRt(bytes(model)), imported.spec)
    lines = []
    for photograph in PHOTOGRAPHS:
        found = detector.detect(read(photograph)).select(min_score=0.4)
        pairs = zip(found.entities, found.scores, strict=True)
        names = ", ".join(f"{entity} ({score:.2f})" for entity, score in pairs) or "nothing"
        lines.append(f"- `{photograph.package}/{photograph.path}`: {names}")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m training objects", description="Publish a detector of real objects."
    )
    parser.add_argument(
        "--package",
        type=Path,
        metavar="FILE",
        help=f"the package as `npm pack {open_images.PACKAGE}` writes it, - for standard input;"
        " default: fetch it",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
