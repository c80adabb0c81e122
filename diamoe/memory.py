"""Bounds of what libraries keep in memory, so that a server's memory is flat under load."""

import ctypes
import os

PRIMITIVES = 128
"""Kernels that oneDNN keeps. It makes one for every layer and every length of speech; its usual
1024 are some hundred megabytes that a server fills in its first minutes. A piece of speech uses
about thirty."""
ARENAS = 2
"""Heaps of the allocator. It opens one for every thread, up to eight for each processor, and what
one thread has freed in its heap another cannot have."""
_PRIMITIVES_VARIABLE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
_M_ARENA_MAX = -8  # of glibc's malloc.h


def bound_memory() -> None:
    """Set the bounds for this process, before the model is used for the first time and before
    threads are started; what the environment says goes first.

    Other allocators than glibc's are left as they are.
    """
    os.environ.setdefault(_PRIMITIVES_VARIABLE, str(PRIMITIVES))
    if "MALLOC_ARENA_MAX" not in os.environ:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, ARENAS)
