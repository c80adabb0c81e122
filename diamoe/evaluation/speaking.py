"""Speech of a bundle for a test set, and how fast it was made."""

import resource
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from diamoe.audio.files import write_audio
from diamoe.errors import DiamoeError, UnknownVoice
from diamoe.evaluation.items import EXTREMES, Item
from diamoe.evaluation.metric import Figure, Row
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from diamoe.text.dialect import load_dialect
from diamoe.text.normalize import is_han
from diamoe.text.phones import PhoneSeq

SPEED = (
    Figure("rtf", "lower", "seconds of work for a second of speech"),
    Figure("first_audio", "lower", "seconds to the first sound when streaming"),
)
STREAMED = 3
"""Items of each dialect that are also streamed, for the time to the first sound."""
LONG = 500
"""Characters of the long probe."""


def with_extremes(items: Sequence[Item]) -> list[Item]:
    """The items, and for each dialect one syllable alone and one text of 500 characters.

    >>> found = with_extremes([Item("a", "你好，世界。", "putonghua")])
    >>> [(item.kind, len(item.text)) for item in found]
    [('sentence', 6), ('one syllable', 1), ('500 characters', 500)]
    """
    extremes = []
    for dialect in dict.fromkeys(item.dialect for item in items):
        texts = [i.text for i in items if i.dialect == dialect and not i.phones] or [
            i.text for i in items if i.dialect == dialect
        ]
        han = load_dialect(dialect).reads_han
        short = next((c for t in texts for c in t if is_han(c)), texts[0][0]) if han else "a"
        whole = ("" if han else " ").join(texts)
        long = (whole + ("" if han else " ")) * (LONG // len(whole) + 1)
        extremes.append(Item(f"{dialect}-one", short, dialect, kind=EXTREMES[0]))
        extremes.append(Item(f"{dialect}-long", long[:LONG], dialect, kind=EXTREMES[1]))
    return [*items, *extremes]


class Speaking:
    """A bundle that speaks items into a folder."""

    def __init__(self, bundle: str, options: SynthesisOptions):
        self.synthesizer = Synthesizer.from_bundle(bundle)
        self.options = options
        self._streamed: dict[str, int] = {}

    def in_voices(self, items: Sequence[Item], voices: Sequence[str]) -> list[Item]:
        """Every item once in each of the voices (`all`: the bundle's); as they are without any.

        Raises:
            UnknownVoice: the bundle has no such voice.
        """
        known = self.synthesizer.bundle.voices
        names = list(known) if list(voices) == ["all"] else list(voices)
        for name in names:
            if name not in known:
                raise UnknownVoice(name, known)
        if not names:
            return list(items)
        return [replace(i, id=f"{i.id}-{name}", voice=name) for i in items for name in names]

    def with_prompts(self, items: Sequence[Item], folder: Path) -> list[Item]:
        """Items with the voice that speaks them, and its prompt where they name none.

        A voice that the bundle does not have (a corpus' own speaker) becomes the bundle's choice.
        """
        done: dict[str, str] = {}
        found = []
        for item in items:
            named = item.voice if item.voice in self.synthesizer.bundle.voices else None
            voice = self.synthesizer.voice(named, item.dialect)
            if voice is not None and voice.name not in done:
                path = folder / f"{voice.name}.wav"
                with torch.inference_mode():
                    wave = self.synthesizer.vocoder.decode(voice.mel.float().unsqueeze(0))[0]
                write_audio(path, wave.numpy(), self.synthesizer.bundle.mel.sample_rate)
                done[voice.name] = str(path)
            if voice is not None:
                own = item.prompt or done[voice.name]
                item = replace(item, voice=voice.name, prompt=own, prompt_phones=str(voice.phones))
            found.append(item)
        return found

    def speak(
        self, items: Sequence[Item], folder: Path, progress: bool = True
    ) -> tuple[dict[str, Path], dict[str, Row]]:
        """Sound files and columns (speed, or the problem) by the items' ids."""
        audio: dict[str, Path] = {}
        columns: dict[str, Row] = {}
        for item in tqdm(items, desc="speak", unit="utt", disable=not progress):
            try:
                audio[item.id] = folder / f"{item.id}.wav"
                columns[item.id] = self._speak(item, audio[item.id])
            except DiamoeError as error:
                del audio[item.id]
                columns[item.id] = {"problem": f"not spoken: {error}"}
        return audio, columns

    def _speak(self, item: Item, path: Path) -> Row:
        voice = item.voice or None
        began = time.perf_counter()
        if item.phones:
            seq = PhoneSeq.parse(item.phones, item.dialect)
            speech = self.synthesizer.speak_phones(seq, voice, self.options)
        else:
            speech = self.synthesizer(item.text, item.dialect, voice, self.options)
        took = time.perf_counter() - began
        write_audio(path, speech.wave, speech.sample_rate)
        row: Row = {"rtf": took / speech.seconds if speech.seconds else None}
        count = self._streamed.get(item.dialect, 0)
        if not item.phones and count < STREAMED:
            self._streamed[item.dialect] = count + 1
            began = time.perf_counter()
            chunks = self.synthesizer.stream(item.text, item.dialect, voice, self.options)
            next(iter(chunks), None)
            row["first_audio"] = time.perf_counter() - began
        return row


def cost(columns: Mapping[str, Row]) -> dict[str, Any]:
    """Speed over all items, and this process' peak memory."""
    factors = [row["rtf"] for row in columns.values() if row.get("rtf") is not None]
    first = [row["first_audio"] for row in columns.values() if "first_audio" in row]
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss: bytes there, KiB elsewhere
    return {
        "rtf_median": statistics.median(factors) if factors else None,
        "first_audio_median": statistics.median(first) if first else None,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
        "threads": torch.get_num_threads(),
    }
