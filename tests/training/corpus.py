"""A small prepared corpus made in a test: real Shar files, sound that follows the phones."""

import json
from pathlib import Path

import numpy as np
from lhotse import Recording, SupervisionSegment
from lhotse.audio import AudioSource
from lhotse.cut import MonoCut
from lhotse.shar import SharWriter
from lhotse.supervision import AlignmentItem

from diamoe.audio.files import write_audio
from diamoe.text.phones import SYLLABLE, PhoneSeq
from tests.factory import PHRASES

PHONE = 0.08
"""Seconds of every token."""


def make_cut(folder: Path, index: int) -> MonoCut:
    """One utterance whose tokens are tones of their own pitch, as a wav file and a cut."""
    dialect, phones = PHRASES[index % len(PHRASES)]
    seq = PhoneSeq.parse(phones, dialect)
    tokens = [t for t in seq.with_edges().tokens if t != SYLLABLE]
    time = np.arange(round(PHONE * 24_000)) / 24_000
    rng = np.random.default_rng(index)
    parts = [
        (0.0 if t == "_" else 0.2) * np.sin(2 * np.pi * (150 + 37 * (sum(map(ord, t)) % 40)) * time)
        for t in tokens
    ]
    wave = np.concatenate(parts) + 1e-3 * rng.standard_normal(len(tokens) * len(time))
    file = folder / f"utt{index}.wav"
    write_audio(file, wave.astype(np.float32), 24_000)
    seconds = len(wave) / 24_000
    recording = Recording(
        file.stem, [AudioSource("file", [0], str(file))], 24_000, len(wave), seconds
    )
    items = [AlignmentItem(t, i * PHONE, PHONE) for i, t in enumerate(tokens)]
    supervision = SupervisionSegment(
        file.stem,
        file.stem,
        0,
        seconds,
        0,
        "",
        dialect,
        "anna",
        custom={"phones": phones},
        alignment={"phone": items},
    )
    return MonoCut(file.stem, 0, seconds, 0, [supervision], recording=recording)


def make_corpus(folder: Path, utterances: int = 12) -> Path:
    """A prepared corpus folder of so many utterances."""
    sounds = folder.parent / f"{folder.name}_wav"
    sounds.mkdir(parents=True)
    folder.mkdir()
    with SharWriter(str(folder), fields={"recording": "flac"}, shard_size=100) as writer:
        for index in range(utterances):
            writer.write(make_cut(sounds, index))
    card = {"name": folder.name, "licence": "CC0-1.0", "attribution": "nobody", "hours": 0.01}
    (folder / "card.json").write_text(json.dumps(card))
    return folder
