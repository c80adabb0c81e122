"""The grammar of `tts import`."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add_import_command(commands: Any) -> None:
    """Add `import` to the subcommands of `tts`."""
    command = commands.add_parser(
        "import",
        help="make a bundle of a released F5-TTS or DiaMoE-TTS checkpoint",
        description="Make a bundle of a released F5-TTS or DiaMoE-TTS checkpoint (.pt or "
        ".safetensors; plain, averaged or PEFT). No pickled code is run.",
    )
    command.add_argument("file", type=Path, metavar="FILE", help="the checkpoint")
    command.add_argument("--vocab", type=Path, required=True, help="its vocab.txt")
    command.add_argument("-o", "--out", type=Path, required=True, help="bundle folder to write")
    command.add_argument(
        "--arch",
        help="what tensors cannot tell: f5-base, f5-v1, diamoe, or a JSON file of the original's "
        "arch settings (default: a config.json beside FILE, or f5-base)",
    )
    command.add_argument(
        "--weights",
        choices=("auto", "ema", "model"),
        default="auto",
        help="averaged (ema) or plain (model) weights; auto takes averaged ones where there are",
    )
    command.add_argument("--licence", help="licence to keep with the weights (CC-BY-NC-4.0)")
    command.set_defaults(run=import_released)


def import_released(arguments: argparse.Namespace) -> None:
    """`tts import`."""
    from diamoe.released.importing import LICENCE, import_checkpoint

    imported = import_checkpoint(
        arguments.file,
        arguments.vocab,
        arguments.out,
        arguments.arch,
        arguments.weights,
        arguments.licence or LICENCE,
    )
    millions = imported.parameters / 1e6
    print(f"{arguments.out}: {imported.description}, {millions:.1f} M parameters", file=sys.stderr)
    for note in (*imported.notes, f"licence: {arguments.licence or LICENCE}"):
        print(f"  {note}", file=sys.stderr)
