"""What is written into the pages when they are built, so that it is never out of date."""

import argparse
import importlib
import os
import re
from typing import Any

MARK = "<!-- commands of tts -->"
BROKEN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")
"""A line of Chinese that goes on in the next: browsers would show the break as a space."""


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the help of every `tts` command in the place of its mark, and join lines of Chinese."""
    markdown = BROKEN.sub("", markdown)
    return markdown.replace(MARK, tts_commands()) if MARK in markdown else markdown


def on_post_build(config: Any, **_: Any) -> None:
    """Draw the picture of the architecture anew from the imports as they are."""
    imports = importlib.import_module("diamoe.inspect.imports")
    imports.run(imports.ImportsConfig(out=os.path.join(config.site_dir, "architecture.svg")))


def tts_commands() -> str:
    """A section for every command of `tts`: its help as the terminal shows it."""
    os.environ["COLUMNS"] = "96"
    parser = importlib.import_module("diamoe.cli").parser()
    return "\n\n".join(_sections(parser, "tts"))


def _sections(parser: argparse.ArgumentParser, name: str) -> list[str]:
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                own = _sections(inner, f"{name} {word}")
                found += own or [f"### {name} {word}\n\n```text\n{inner.format_help()}```"]
    return found
