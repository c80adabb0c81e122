"""The commands of `tts` that make sound: `synthesize`, `dialogue`, `voices`, `voice`."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from diamoe.adaptation.commands import adapted, add_adapter_argument, dialect_of
from diamoe.errors import ConfigError, DiamoeError
from diamoe.text.commands import add_text_arguments, build_frontend, read_text, report_skipped

if TYPE_CHECKING:
    from diamoe.synthesis.speech import Speech
    from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer

_OPTIONS = {
    "speed": (float, "pace, 1 is the voice's own"),
    "steps": (int, "solver steps: more is finer and slower (default: the bundle's own)"),
    "guidance": (float, "guidance scale; 0 turns it off (default: the bundle's own)"),
    "seed": (int, "seed of the noise"),
    "pitch": (float, "semitones to shift the voice by"),
    "pitch_range": (float, "width of the melody, 1 is the voice's own, 0 a monotone"),
    "energy": (float, "dB to be louder by"),
    "level": (float, "loudness, dB RMS of full scale"),
    "verify": (int, "listen to each piece, and make it anew up to so often if words are missing"),
    "mix": (str, "speak in several dialects at once, DIALECT=WEIGHT,...; --dialect reads the text"),
}
"""Options of `SynthesisOptions` on the command line: type and help."""


def add_synthesis_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the command line."""
    speak = commands.add_parser("synthesize", help="speak text into a sound file")
    add_text_arguments(speak)
    _add_sound_arguments(speak, "out.wav")
    speak.add_argument("--voice", help="voice name (see `tts voices`)")
    speak.add_argument(
        "--style", type=Path, metavar="FILE",
        help="speak with the pace, pitch, range and loudness of this recording of 3 to 10 s",
    )  # fmt: skip
    speak.add_argument("--plot", type=Path, help="also draw mel, phones and F0 into this PNG")
    speak.add_argument(
        "--timing", type=Path, action="append", default=[], metavar="FILE",
        help="also write word and phone times: .json, .TextGrid, .srt or .vtt (repeatable)",
    )  # fmt: skip
    speak.add_argument(
        "--lines", action="store_true",
        help="every line is a text of its own (TEXT, or ID TAB TEXT): --out is a folder, or a "
        "sound file that holds them all; what is there already is not made again",
    )  # fmt: skip
    speak.add_argument("--jobs", type=int, default=1, help="with --lines: processes")
    speak.add_argument("--format", default="wav", help="with --lines: wav, flac, ogg or mp3")
    speak.set_defaults(run=synthesize, dialect=None)

    recite = commands.add_parser("recite", help="speak phones as long and as high as a score says")
    recite.add_argument("score", type=Path, help="JSON: [{phone, seconds, hz}, ...]")
    recite.add_argument("--dialect", default="jingbai", help="dialect of the phones")
    recite.add_argument("--voice", help="voice name (see `tts voices`)")
    _add_sound_arguments(recite, "out.wav")
    recite.set_defaults(run=recite_score)

    talk = commands.add_parser("dialogue", help="speak a script of several speakers")
    talk.add_argument("script", type=Path, help="lines [SPEAKER|DIALECT|VOICE] TEXT, TOML or JSON")
    talk.add_argument("--dialect", help="dialect of speakers who name none")
    _add_sound_arguments(talk, "out.wav")
    talk.set_defaults(run=dialogue)

    mark = commands.add_parser("watermark", help="say whether a sound file has the mark")
    mark.add_argument("sound", type=Path, help="sound file")
    mark.set_defaults(run=print_watermark)

    voices = commands.add_parser("voices", help="list the voices")
    voices.add_argument("--bundle", type=Path, help="bundle folder (default: the shipped one)")
    voices.add_argument("--json", action="store_true", help="as JSON")
    voices.set_defaults(run=print_voices)

    voice = commands.add_parser("voice", help="keep a voice of your own")
    actions = voice.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a voice of 3 to 10 s of a recording")
    add.add_argument("name", help="its name from now on")
    add.add_argument("recording", type=Path, help="sound file of one person speaking")
    add.add_argument("--text", help="what is said; without it the built-in recogniser listens")
    add.add_argument("--dialect", default="putonghua", help="dialect that is spoken in it")
    add.add_argument("--description", default="", help="a line for `tts voices`")
    add.add_argument("--licence", default="", help="licence of the recording")
    add.add_argument("--attribution", default="", help="whose voice it is")
    add.add_argument("--force", action="store_true", help="noise or two speakers are no hindrance")
    add.set_defaults(run=add_voice)
    remove = actions.add_parser("remove", help="forget a voice")
    remove.add_argument("name", help="its name")
    remove.set_defaults(run=remove_voice)


def _add_sound_arguments(command: argparse.ArgumentParser, out: str) -> None:
    add_adapter_argument(command)
    command.add_argument("-o", "--out", default=out, help="sound file; - is standard output")
    command.add_argument("--bundle", type=Path, help="bundle folder (default: the shipped one)")
    command.add_argument(
        "--vocoder", help="Vocos folder or hub name (default: the bundle's own, or Griffin-Lim)"
    )
    command.add_argument(
        "--precision",
        default="auto",
        help="32, bf16, or auto: bf16 where the processor multiplies it fast",
    )
    command.add_argument(
        "--engine", default="torch", help="what computes: torch, compile, int8 or onnx (see docs)"
    )
    command.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, mps or auto")
    command.add_argument(
        "--watermark", action="store_true", help="put an inaudible mark into the sound"
    )
    for name, (kind, text) in _OPTIONS.items():
        command.add_argument(f"--{name.replace('_', '-')}", type=kind, help=text)


def options_of(arguments: argparse.Namespace) -> "SynthesisOptions":
    """The options that were given.

    Raises:
        ConfigError: one of them cannot be.
    """
    from diamoe.synthesis.options import SynthesisOptions

    asked = {name: getattr(arguments, name) for name in _OPTIONS}
    given = {k: v for k, v in asked.items() if v is not None}
    return SynthesisOptions(**given, watermark=arguments.watermark)


def style_of(arguments: argparse.Namespace, synthesizer: "Synthesizer") -> "SynthesisOptions":
    """The options that were given, with the style of --style's recording.

    Raises:
        BadPrompt, AudioError: the recording cannot be used.
        ConfigError: the bundle has no voice, whose own style is what changes.
    """
    options = options_of(arguments)
    if arguments.style is None:
        return options
    from diamoe.synthesis.style import read_style, styled

    voice = synthesizer.voice(arguments.voice, arguments.dialect)
    if voice is None:
        raise ConfigError("--style needs a voice, and the bundle has none")
    style = read_style(arguments.style, arguments.dialect, synthesizer.rate)
    return styled(options, style, synthesizer, voice, arguments.dialect)


@contextmanager
def synthesizer_of(arguments: argparse.Namespace) -> "Iterator[Synthesizer]":
    """A synthesizer with the bundle, adapter, saved voices and vocoder that are asked for; the
    dialect is settled too."""
    from diamoe.audio.vocoder import VocosVocoder
    from diamoe.bundle import SHIPPED, load
    from diamoe.synthesis.saved import with_saved
    from diamoe.synthesis.synthesizer import Synthesizer

    if arguments.dialect is None:
        arguments.dialect = dialect_of(arguments.adapter) if arguments.adapter else "putonghua"
    bundle = with_saved(load(arguments.bundle or SHIPPED))
    speaking: AbstractContextManager[None] = nullcontext()
    if arguments.adapter:
        bundle, speaking = adapted(bundle, arguments.adapter)
    vocoder = VocosVocoder.load(arguments.vocoder) if arguments.vocoder else None
    with speaking:
        asked = {name: getattr(arguments, name) for name in ("precision", "engine", "device")}
        yield Synthesizer(bundle, vocoder, **asked)


def synthesize(arguments: argparse.Namespace) -> None:
    """`tts synthesize`."""
    if arguments.lines:
        from diamoe.synthesis.lines import speak_lines

        return speak_lines(arguments)
    from diamoe.synthesis.request import checked_length

    options_of(arguments)  # wrong ones are said before any work
    text = checked_length(read_text(arguments))
    with synthesizer_of(arguments) as synthesizer:
        script = build_frontend(arguments).script(text)
        report_skipped(script)
        options = style_of(arguments, synthesizer)
        speech = synthesizer.speak(script, arguments.voice, options)
    print(speech.phones, file=sys.stderr)
    write_speech(speech, arguments)
    if arguments.plot:
        from diamoe.plots import save_speech_plot

        save_speech_plot(speech, arguments.plot, f"{arguments.dialect} {arguments.voice or ''}")


def write_speech(speech: "Speech", arguments: argparse.Namespace) -> None:
    """The sound to --out, the times to --timing, what was found to standard error."""
    from diamoe.audio.files import write_audio
    from diamoe.synthesis.timing_files import write_timing
    from diamoe.synthesis.writing import write_sound

    if arguments.out == "-":
        write_audio(sys.stdout.buffer, speech.wave, speech.sample_rate, format="WAV")
    else:
        write_sound(arguments.out, speech.wave, speech.sample_rate)
        print(f"{arguments.out}: {speech.seconds:.2f} s", file=sys.stderr)
    for file in arguments.timing:
        write_timing(speech, file)
    if arguments.verify:
        print(f"verified: {speech.remade} pieces made anew", file=sys.stderr)
    if speech.missing:
        print(f"tts: not heard: {' '.join(speech.missing)}", file=sys.stderr)


def dialogue(arguments: argparse.Namespace) -> None:
    """`tts dialogue`: the track, FOLDER OF ITS NAME with a file a line, subtitles."""
    from diamoe.synthesis.dialogue import parse_dialogue, speak_dialogue
    from diamoe.synthesis.timing_files import srt
    from diamoe.synthesis.writing import write_sound, write_text

    script, options = parse_dialogue(_read(arguments.script)), options_of(arguments)
    with synthesizer_of(arguments) as synthesizer:
        track = speak_dialogue(synthesizer, script, options, arguments.dialect)
    out = Path(arguments.out)
    write_sound(out, track.whole.wave, track.whole.sample_rate)
    for i, (line, speech) in enumerate(zip(script.line, track.lines, strict=True), start=1):
        name = "".join(c if c.isalnum() else "_" for c in line.speaker)
        file = out.with_suffix("") / f"{i:03}_{name}{out.suffix}"
        write_sound(file, speech.wave, speech.sample_rate)
    write_text(out.with_suffix(".srt"), srt(track.subtitles))
    print(f"{out}: {track.whole.seconds:.2f} s, {len(track.lines)} lines", file=sys.stderr)


def recite_score(arguments: argparse.Namespace) -> None:
    """`tts recite`."""
    from diamoe.synthesis.melody import parse_score
    from diamoe.synthesis.writing import write_sound

    score, options = parse_score(_read(arguments.score)), options_of(arguments)
    with synthesizer_of(arguments) as synthesizer:
        speech = synthesizer.recite(score, arguments.dialect, arguments.voice, options)
    write_sound(arguments.out, speech.wave, speech.sample_rate)
    print(f"{arguments.out}: {speech.seconds:.2f} s", file=sys.stderr)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DiamoeError(f"cannot read {path}: {error}") from error


def print_voices(arguments: argparse.Namespace) -> None:
    """`tts voices`."""
    from diamoe.bundle import SHIPPED, load
    from diamoe.synthesis.saved import with_saved

    voices = with_saved(load(arguments.bundle or SHIPPED)).voices.values()
    if arguments.json:
        keys = ("name", "description", "licence", "attribution")
        rows = [{k: getattr(v, k) for k in keys} | {"dialect": v.phones.dialect} for v in voices]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for voice in voices:
            print(f"{voice.name:12}{voice.description} ({voice.licence}, {voice.attribution})")


def add_voice(arguments: argparse.Namespace) -> None:
    """`tts voice add`."""
    from diamoe.audio.mel import MelConfig
    from diamoe.bundle import SHIPPED, load
    from diamoe.synthesis.cloning import clone_voice
    from diamoe.synthesis.prompt import BadPrompt, read_prompt
    from diamoe.synthesis.saved import save_voice

    if arguments.name in load(SHIPPED).voices:
        raise ConfigError(f"voice name {arguments.name!r}: the shipped bundle has it already")
    prompt = read_prompt(arguments.recording, MelConfig().sample_rate)
    if prompt.doubts and not arguments.force:
        raise BadPrompt(f"{arguments.recording}: {'; '.join(prompt.doubts)} (--force takes it)")
    given = ("dialect", "text", "description", "licence", "attribution")
    voice = clone_voice(arguments.name, prompt, **{k: getattr(arguments, k) for k in given})
    file = save_voice(voice)
    print(f"{file}: {prompt.seconds:.1f} s, {voice.phones}", file=sys.stderr)


def print_watermark(arguments: argparse.Namespace) -> None:
    """`tts watermark`."""
    from diamoe.audio.files import read_audio
    from diamoe.synthesis.watermark import MARKED, likelihood

    found = likelihood(*read_audio(arguments.sound))
    print(f"{arguments.sound}: {'marked' if found >= MARKED else 'no mark'} ({found:.2f})")


def remove_voice(arguments: argparse.Namespace) -> None:
    """`tts voice remove`."""
    from diamoe.synthesis.saved import remove_voice as forget

    forget(arguments.name)
