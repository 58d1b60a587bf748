"""File formats that run code when they are loaded, and so never enter or leave the store.

Whoever has such a file is told what to make of it instead.

Names are checked, and the first bytes too, so that a renamed pickle is found. The store's own
loaders read none of these formats; this keeps them out of the reach of loaders that do.
"""

import io
import pickletools
from pathlib import PurePosixPath

HEAD_BYTES = 4096
_OF_PYTHON = (
    "convert a scikit-learn model with skl2onnx, write an XGBoost model with"
    " save_model('model.ubj')"
)
_OF_TORCH = "export it with torch.onnx.export"
_OF_KERAS = "write a SavedModel with model.export(), and convert that to TFLite or with tf2onnx"
_WAYS_OUT = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".dill"), _OF_PYTHON),
    **dict.fromkeys((".pt", ".pth"), _OF_TORCH),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), _OF_KERAS),
}
_HDF5 = b"\x89HDF\r\n\x1a\n"
_OPERATIONS_TO_BE_SURE = 8


def why_refused(path: str, head: bytes) -> str | None:
    """Say why a file may not be in the store, or None if it may.

    Args:
        path: The file's path.
        head: The first `HEAD_BYTES` bytes of the file, or more.
    """
    suffixes = {suffix.lower() for suffix in PurePosixPath(path).suffixes}
    if found := suffixes & _WAYS_OUT.keys():
        return f"{min(found)} files can run code when they are loaded: {_WAYS_OUT[min(found)]}"
    if head.startswith(_HDF5):
        return f"HDF5 models can run code when they are loaded: {_OF_KERAS}"
    if _looks_pickled(head[:HEAD_BYTES]):
        return f"its content is a pickle, which can run code when it is loaded: {_OF_PYTHON}"
    return None


def _looks_pickled(head: bytes) -> bool:
    """Say whether the bytes start as a pickle of protocol 2 or later does.

    Two magic bytes alone would refuse one in some ten thousand files of raw weights, so the opcodes
    that follow have to make sense as well.
    """
    if len(head) < 3 or head[0] != 0x80 or head[1] not in range(2, 6):
        return False
    count = 0
    try:
        for count, _ in enumerate(pickletools.genops(io.BytesIO(head)), start=1):
            if count >= _OPERATIONS_TO_BE_SURE:
                return True
    except Exception:  # noqa: BLE001 - whatever a parser of arbitrary bytes stumbles over
        # A cut inside a long operand is not a contradiction: the head is only the head.
        return len(head) == HEAD_BYTES and count >= 2
    return True
