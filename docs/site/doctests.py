"""Examples in docstrings are shown as the blocks of code that they are."""

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)
"""A prompt and the lines below it, up to an empty one."""


class Doctests(griffe.Extension):  # type: ignore[misc]
    """Put a fence around every doctest before the docstring is parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Griffe has read an object."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(r"```pycon\n\g<0>\n```", obj.docstring.value)
