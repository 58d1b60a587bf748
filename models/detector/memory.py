"""How freed memory is kept: pages that are new for every image cost more than the sums on them."""

import ctypes

# <malloc.h>
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3

_LARGEST_KEPT = 16 << 20  # bytes of one buffer; those of an image of any usual size are smaller
_MOST_KEPT = 64 << 20  # bytes


def keep_freed_memory() -> None:
    """Let this process use its freed buffers again; glibc would give them to the system.

    Does nothing with another C library.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_M_TRIM_THRESHOLD, _MOST_KEPT)
