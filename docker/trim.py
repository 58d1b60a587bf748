"""Take out of a folder of packages what the serving images never load: `trim.py FOLDER`.

A pattern that stands for nothing is fine: not every image installs every package.
"""

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

PACKAGES = (
    # What LiteRT asks for: its tools, and Python before 3.11.
    "backports.strenum",
    "ml-dtypes",
    "tqdm",
    # ONNX Runtime: for tools that change a model.
    "flatbuffers",
    "packaging",
    "protobuf",
    # XGBoost: for matrices that no worker makes (`headrace.runtimes.lean_xgboost`).
    "scipy",
    # For a command of Granian's, and for cffi where it compiles.
    "click",
    "pycparser",
)
"""Packages that others ask for, and nothing here imports. They are left out of the list, too."""

UNUSED = (
    # Needed to build or test against a package, not to run it.
    "bin",
    "**/tests",
    "**/*.pyi",
    "**/*.pxd",
    "numpy/_core/_simd.*",
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/distutils",
    "numpy/f2py",
    # LiteRT: accelerators and their compilers; the interpreter runs on the processor.
    "ai_edge_litert/aot",
    "ai_edge_litert/libLiteRtWebGpuAccelerator.so",
    "ai_edge_litert/tools",
    "ai_edge_litert/vendors",
    # ONNX Runtime: the C library again, beside the Python module that holds all of it.
    "onnxruntime/capi/libonnxruntime.so*",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    # Pillow: the detector decodes JPEG, PNG, WebP and GIF.
    "PIL/_avif.*",
    "pillow.libs/libavif-*",
    # XGBoost: training on clusters.
    "xgboost/dask",
    "xgboost/spark",
    "xgboost/testing",
)

SERVICES = (
    "dynamodb",
    "dynamodbstreams",
    "kafka",
    "kinesis",
    "lambda",
    "s3",
    "signin",
    "sns",
    "sqs",
    "sso",
    "sso-oidc",
    "sts",
)
"""What sinks, runner and image loader call, and how boto3 finds credentials."""


def unused(packages: Path) -> Iterator[Path]:
    """Everything to delete, outer folders before what is inside them."""
    for package in distributions(path=[str(packages)]):
        if package.name.lower().replace("_", "-") in PACKAGES:
            # What is outside, such as a command, pip has put into "bin".
            files = [file for file in package.files or () if ".." not in file.parts]
            yield from (packages / file for file in files)
    for pattern in UNUSED:
        yield from sorted(packages.glob(pattern))
    for folder in sorted(packages.glob("botocore/data/*/")):
        if folder.name not in SERVICES:
            yield folder
    yield from packages.glob("boto3/examples")


def remove(path: Path) -> None:
    """Delete a file or a folder; one that went with an outer folder is gone already."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_empty(folder: Path) -> None:
    """Delete the folders in which nothing is left."""
    for path in sorted(folder.rglob("*/"), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()


if __name__ == "__main__":
    packages = Path(sys.argv[1])
    for found in [*unused(packages)]:
        remove(found)
    remove_empty(packages)
