"""Dialect text-to-speech: text -> phones -> mel -> wave, in one IPA phone space."""

import os

__version__ = "0.1.0"

# Threads of PyTorch that wait for one another turn in circles for 3 ms before they sleep. Where
# other programs want the processor they turn instead of those they wait for: a sentence took fifty
# times as long. With 0.1 ms it takes less than twice as long; with 5 µs threads sleep between any
# two operations, and a sentence on two idle cores takes twice the time. PyTorch's libgomp reads
# this when it is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
