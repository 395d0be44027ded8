"""The memory of a process that serves: what a large request took is given back after it.

glibc keeps an arena for each thread, and after one large block that was freed keeps all blocks of
that size (mallopt(3), "M_MMAP_THRESHOLD", on its being dynamic); Arrow's own pool keeps what it
had. A server that answered one request of ten thousand rows would hold twice its memory for good.
"""

from __future__ import annotations

import ctypes
import gc

import pyarrow as pa

# The parameters' numbers: malloc.h of glibc.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
# Blocks from here on are given back as soon as they are free.
BLOCK_BYTES = 256 * 1024
# Free memory that the heap may keep.
KEPT_BYTES = 1024 * 1024
ARENAS = 2


def limit() -> None:
    """Set up the allocators; to be called before there are other threads."""
    pa.set_memory_pool(pa.system_memory_pool())
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:  # another library than glibc has its own ways
        set_option(_M_ARENA_MAX, ARENAS)
        set_option(_M_MMAP_THRESHOLD, BLOCK_BYTES)
        set_option(_M_TRIM_THRESHOLD, KEPT_BYTES)


def settle() -> None:
    """Leave what is loaded by now out of the collector's passes, which would touch all of it."""
    gc.collect()
    gc.freeze()
