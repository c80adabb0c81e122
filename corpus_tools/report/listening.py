"""The second look at a corpus: its worst utterances to be heard, a sample to be measured."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from tqdm import tqdm

from corpus_tools.audio.reading import SAMPLE_RATE
from corpus_tools.quality.sound import signal_to_noise
from corpus_tools.report.pitch import PitchTally
from corpus_tools.report.tally import Tally
from diamoe.text.phones import PhoneSeq, parse_phone

QUALITY = 0.9
"""libsndfile's compression of the players' Opus: 0 the largest files, 1 the smallest."""


@dataclass
class Heard:
    """What listening gave."""

    pitch: PitchTally = field(default_factory=PitchTally)
    players: dict[tuple[str, str], str] = field(default_factory=dict)
    """Sound of the worst cuts as data URIs, by corpus and id."""


def listen(folders: Iterable[Path], tally: Tally) -> Heard:
    """Read the sound of the cuts that the tally has chosen.

    Cuts without a measured signal-to-noise ratio, of corpora built before that was measured, get
    one here, which is counted in the tally.
    """
    from diamoe.corpus import open_corpus

    heard = Heard()
    worst = {(w.corpus, w.id) for w in tally.worst_first()}
    chosen = {(corpus, name) for cuts in tally.chosen.values() for _, corpus, name in cuts}
    for folder in folders:
        wanted = {name for corpus, name in worst | chosen if corpus == folder.name}
        if not wanted:
            continue
        with tqdm(total=len(wanted), desc=f"{folder.name}: listening", unit="cut") as progress:
            for cut in open_corpus(folder):
                if cut.id not in wanted:
                    continue
                wave = cut.load_audio()[0]
                if (folder.name, cut.id) in worst:
                    heard.players[folder.name, cut.id] = data_uri(wave)
                if (folder.name, cut.id) in chosen:
                    _measure(cut, wave, heard.pitch, tally)
                progress.update()
    return heard


def _measure(cut: Any, wave: np.ndarray, pitch: PitchTally, tally: Tally) -> None:
    supervision = cut.supervisions[0]
    items = (supervision.alignment or {}).get("phone")
    if not items:
        return
    times = [(i.symbol, i.start, i.duration) for i in items]
    seq = PhoneSeq.parse(supervision.custom["phones"], supervision.language)
    pitch.add(supervision.speaker or "", seq, times, wave, SAMPLE_RATE)
    spoken = [t for t in times if t[2] > 0 and not parse_phone(t[0]).is_pause]
    if spoken and "quality" not in supervision.custom:
        end = spoken[-1][1] + spoken[-1][2]
        tally.count("snr", signal_to_noise(wave, SAMPLE_RATE, spoken[0][1], end))


def data_uri(wave: np.ndarray) -> str:
    """Samples (samples,) at 24 kHz as Opus that an HTML page can hold."""
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, SAMPLE_RATE, "OPUS", format="OGG", compression_level=QUALITY)
    return f"data:audio/ogg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
