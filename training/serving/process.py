"""A process that serves: it gives back what a large request took, and is quick to take turns.

glibc keeps an arena for each thread, and after one large block that was freed keeps all blocks of
that size (mallopt(3), "M_MMAP_THRESHOLD", on its being dynamic); Arrow's own pool keeps what it
had. A server that answered one request of ten thousand rows would hold twice its memory for good.
"""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa

# The parameters' numbers: malloc.h of glibc.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
# Blocks from here on are given back as soon as they are free.
BLOCK_BYTES = 256 * 1024
# Free memory that the heap may keep.
KEPT_BYTES = 1024 * 1024
ARENAS = 2


# A thread that computes lets the one that answers in after so long; Python's own 5 ms would be
# most of what a request takes, several times over.
SWITCH_SECONDS = 0.0005


def limit_memory() -> None:
    """Set up the allocators; to be called before there are other threads."""
    pa.set_memory_pool(pa.system_memory_pool())
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:  # another library than glibc has its own ways
        set_option(_M_ARENA_MAX, ARENAS)
        set_option(_M_MMAP_THRESHOLD, BLOCK_BYTES)
        set_option(_M_TRIM_THRESHOLD, KEPT_BYTES)


def settle() -> None:
    """Begin to serve: threads take short turns, and the collector passes over what is loaded."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
