"""Take out of a folder of packages what the serving images never load: `trim.py FOLDER`.

A pattern that stands for nothing is fine: not every image installs every package.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

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
    "ml_dtypes",
    # Pillow: the detector decodes JPEG, PNG, WebP and GIF.
    "PIL/_avif.*",
    "pillow.libs/libavif-*",
    # XGBoost: training on clusters. Of SciPy it loads `sparse`, and that `special` and `linalg`.
    "xgboost/dask",
    "xgboost/spark",
    "xgboost/testing",
    *(
        f"scipy/{part}"
        for part in (
            "cluster",
            "datasets",
            "differentiate",
            "fft",
            "fftpack",
            "integrate",
            "interpolate",
            "io",
            "misc",
            "ndimage",
            "odr",
            "optimize",
            "signal",
            "spatial",
            "stats",
        )
    ),
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


if __name__ == "__main__":
    for found in unused(Path(sys.argv[1])):
        remove(found)
