"""`python -m diamoe.demo`: five sentences in five dialects, with pictures, into out/."""

import argparse
import sys
import time
from pathlib import Path

from diamoe.audio.files import write_audio
from diamoe.errors import DiamoeError, MissingBackend
from diamoe.text.dialect import load_dialect

SENTENCES = (
    ("chengdu", "祝福大家前程似锦，顺水顺风。"),
    ("zhengzhou", "祝你前途大好，成就非凡！"),
    ("shijiazhuang", "好的开始，等于成功的一半儿。"),
    ("xian", "祝愿大家前程似锦，梦想成真。"),
    ("cantonese", "我系钟意广州嘅春天。"),
)


def speak(folder: Path) -> None:
    """Speak the sentences into `folder`, print their phones and draw their mel-spectrograms.

    Without the library that draws, a line says so in the place of every picture.
    """
    from diamoe.plots import save_speech_plot
    from diamoe.synthesis.synthesizer import Synthesizer

    folder.mkdir(parents=True, exist_ok=True)
    synthesizer = Synthesizer.from_bundle()
    for dialect, text in SENTENCES:
        began = time.perf_counter()
        speech = synthesizer(text, dialect)
        took = time.perf_counter() - began
        wave, picture = folder / f"{dialect}.wav", str(folder / f"{dialect}.png")
        write_audio(wave, speech.wave, speech.sample_rate)
        try:
            save_speech_plot(speech, Path(picture), load_dialect(dialect).name)
        except MissingBackend as error:
            picture = str(error)
        print(f"{load_dialect(dialect).name_zh} {text}\n  {speech.phones}")
        print(f"  {wave} ({speech.seconds:.2f} s of speech in {took:.2f} s), {picture}", flush=True)


def main() -> int:
    """Parse the command line and speak."""
    parser = argparse.ArgumentParser(prog="diamoe.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder to write to")
    try:
        speak(parser.parse_args().out)
    except DiamoeError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
