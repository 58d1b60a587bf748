"""File formats that run code when they are loaded, and so never enter or leave the store.

Names are checked, and the first bytes too, so that a renamed pickle is found. The store's own
loaders read none of these formats; this keeps them out of the reach of loaders that do.
"""

import io
import pickletools
from pathlib import PurePosixPath

HEAD_BYTES = 4096
_SUFFIXES = frozenset(
    {".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".h5", ".hdf5", ".keras"}
)
_HDF5 = b"\x89HDF\r\n\x1a\n"
_OPERATIONS_TO_BE_SURE = 8


def why_refused(path: str, head: bytes) -> str | None:
    """Say why a file may not be in the store, or None if it may.

    Args:
        path: The file's path.
        head: The first `HEAD_BYTES` bytes of the file, or more.
    """
    suffixes = {suffix.lower() for suffix in PurePosixPath(path).suffixes}
    if found := suffixes & _SUFFIXES:
        return f"{min(found)} files can run code when they are loaded"
    if head.startswith(_HDF5):
        return "HDF5 models can run code when they are loaded"
    if _looks_pickled(head[:HEAD_BYTES]):
        return "its content is a pickle, which can run code when it is loaded"
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
