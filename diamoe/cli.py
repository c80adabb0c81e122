"""`tts`: the command line. Results go to standard output, errors to standard error."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from diamoe import __version__
from diamoe.adaptation.commands import (
    adapted,
    add_adapter_argument,
    add_adapter_commands,
    dialect_of,
)
from diamoe.errors import DiamoeError
from diamoe.released.command import add_import_command
from diamoe.server.commands import add_serve_command
from diamoe.text.commands import (
    add_commands,
    add_text_arguments,
    build_frontend,
    read_text,
    report_skipped,
)

EXAMPLES = """examples:
  tts synthesize "今天天气好" --dialect chengdu -o out.wav
  echo "我系钟意广州嘅春天。" | tts synthesize --dialect cantonese -o - > out.wav
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

    speak = commands.add_parser("synthesize", help="speak text into a sound file")
    add_text_arguments(speak)
    add_adapter_argument(speak)
    speak.add_argument("--voice", help="voice name (see `tts voices`)")
    speak.add_argument("-o", "--out", default="out.wav", help="sound file; - is standard output")
    speak.add_argument("--bundle", type=Path, help="bundle folder (default: the shipped one)")
    speak.add_argument(
        "--vocoder", help="Vocos folder or hub name (default: the weight-free Griffin-Lim)"
    )
    speak.add_argument("--plot", type=Path, help="also draw mel and phones into this PNG")
    speak.add_argument("--speed", type=float, help="pace, 1 is the voice's own")
    speak.add_argument("--steps", type=int, help="solver steps: more is finer and slower")
    speak.add_argument("--guidance", type=float, help="guidance scale; 0 turns it off")
    speak.add_argument("--seed", type=int, help="seed of the noise")
    speak.set_defaults(run=synthesize, dialect=None)

    add_commands(commands)

    voices = commands.add_parser("voices", help="list a bundle's voices")
    voices.add_argument("--bundle", type=Path, help="bundle folder (default: the shipped one)")
    voices.add_argument("--json", action="store_true", help="as JSON")
    voices.set_defaults(run=print_voices)

    add_import_command(commands)
    add_serve_command(commands)
    add_adapter_commands(commands)
    return root


def synthesize(arguments: argparse.Namespace) -> None:
    """`tts synthesize`."""
    text = read_text(arguments)
    if arguments.dialect is None:
        arguments.dialect = dialect_of(arguments.adapter) if arguments.adapter else "putonghua"
    from diamoe.audio.files import write_audio
    from diamoe.audio.vocoder import VocosVocoder
    from diamoe.bundle import SHIPPED, load
    from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer

    given = {
        name: getattr(arguments, name)
        for name in ("speed", "steps", "guidance", "seed")
        if getattr(arguments, name) is not None
    }
    options = SynthesisOptions(**given)
    bundle = load(arguments.bundle or SHIPPED)
    speaking: AbstractContextManager[None] = nullcontext()
    if arguments.adapter:
        bundle, speaking = adapted(bundle, arguments.adapter)
    vocoder = VocosVocoder.load(arguments.vocoder) if arguments.vocoder else None
    synthesizer = Synthesizer(bundle, vocoder)
    script = build_frontend(arguments).script(text)
    report_skipped(script)
    with speaking:
        speech = synthesizer.speak(script, arguments.voice, options)
    print(speech.phones, file=sys.stderr)
    if arguments.out == "-":
        write_audio(sys.stdout.buffer, speech.wave, speech.sample_rate, format="WAV")
    else:
        write_audio(arguments.out, speech.wave, speech.sample_rate)
        print(f"{arguments.out}: {speech.seconds:.2f} s", file=sys.stderr)
    if arguments.plot:
        from diamoe.plots import save_speech_plot

        save_speech_plot(speech, arguments.plot, f"{arguments.dialect} {arguments.voice or ''}")


def print_voices(arguments: argparse.Namespace) -> None:
    """`tts voices`."""
    from diamoe.bundle import SHIPPED, load

    voices = load(arguments.bundle or SHIPPED).voices.values()
    if arguments.json:
        keys = ("name", "description", "licence", "attribution")
        rows = [{k: getattr(v, k) for k in keys} | {"dialect": v.phones.dialect} for v in voices]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for voice in voices:
            print(f"{voice.name:12}{voice.description} ({voice.licence}, {voice.attribution})")


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
