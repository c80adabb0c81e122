"""Dialect text-to-speech: text -> phones -> mel -> wave, in one IPA phone space."""

import os

__version__ = "0.1.0"

# Threads of PyTorch that wait for one another turn in circles for 3 ms before they sleep. Where
# other programs want the processor they turn instead of those they wait for: a sentence took fifty
# times as long. With 5 µs it takes as long as it takes on a machine of its own. PyTorch's libgomp
# reads this when it is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "500")
