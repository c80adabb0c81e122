"""`tts`: the command line. Results go to standard output, errors to standard error."""

import argparse
import sys
from collections.abc import Sequence

from diamoe import __version__
from diamoe.adaptation.commands import add_adapter_commands
from diamoe.errors import DiamoeError
from diamoe.listening.commands import add_listen_command
from diamoe.released.command import add_import_command
from diamoe.server.commands import add_serve_command
from diamoe.synthesis.commands import add_synthesis_commands
from diamoe.text.commands import add_commands

EXAMPLES = """examples:
  tts synthesize "今天天气好" --dialect chengdu -o out.wav
  echo "我系钟意广州嘅春天。" | tts synthesize --dialect cantonese -o - > out.wav
  tts synthesize --lines --file article.txt --dialect wuhan -o folder
  tts voice add grandma recording.m4a --dialect chengdu --text "吃饭了没得？"
  tts dialogue script.txt -o track.wav
  tts ipa "前程似锦" --dialect xian --explain
  tts ipa "重庆{chong2 qing4}的火锅" --compare putonghua,chengdu,wuhan
  tts lexicon check mine.tsv --dialect cantonese
  tts import 10ep_mlpEXP_9.pt --vocab vocab.txt -o my_bundle"""


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    root = argparse.ArgumentParser(
        prog="tts",
        description="Dialect text-to-speech.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"diamoe {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add_synthesis_commands(commands)
    add_commands(commands)
    add_import_command(commands)
    add_serve_command(commands)
    add_adapter_commands(commands)
    add_listen_command(commands)
    return root


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it worked, 1 when the input or a file is wrong."""
    arguments = parser().parse_args(words)
    try:
        arguments.run(arguments)
    except DiamoeError as error:
        print(f"tts: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
