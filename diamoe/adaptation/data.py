"""The speech of an adaptation: read, checked, and split into what is learned and held out."""

import json
import logging
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lhotse.cut import Cut
from lhotse.utils import fastcopy

from diamoe.adaptation.settings import AdaptConfig
from diamoe.corpus import cut_phones, open_corpus
from diamoe.errors import AdapterError, AudioError, CorpusError
from diamoe.text.dialect import DIALECT_CODES

log = logging.getLogger(__name__)

FEWEST = 8
"""Utterances below which nothing can be both learned and held out."""
HELD_OUT = 0.1
"""Share of the data that is held out where no other corpus is."""
HELD_OUT_SECONDS = 90.0
"""Most speech that is held out of the data."""


@dataclass(frozen=True)
class Speech:
    """Utterances to learn from, utterances to measure on, and where they come from."""

    train: list[Cut]
    held_out: list[Cut]
    sources: list[dict[str, Any]]
    folders: dict[str, Path]
    """The corpus folder of every utterance of `train`."""

    @property
    def minutes(self) -> float:
        """Speech that is learned from."""
        return sum(cut.duration for cut in self.train) / 60


def read_speech(config: AdaptConfig) -> Speech:
    """Read the corpora that the settings name.

    Raises:
        CorpusError: a folder holds no corpus, the wrong dialect, or too few utterances.
        AudioError: a recording cannot be decoded or holds values that are no numbers.
    """
    folders = [prepared(Path(folder), config) for folder in config.data]
    train: list[Cut] = []
    origin: dict[str, Path] = {}
    for folder in folders:
        for cut in usable(open_corpus(folder), config):
            train.append(cut)
            origin[cut.id] = folder
    train.sort(key=lambda cut: cut.id)
    random.Random(0).shuffle(train)
    held_out = [c for folder in config.valid for c in usable(open_corpus(folder), config)]
    if not held_out:
        train, held_out = _split(train)
    train = _first_minutes(train, config.minutes)
    seconds = sum(c.duration for c in train)
    if len(train) < FEWEST or not held_out:
        raise CorpusError(
            f"{', '.join(config.data)}: {len(train) + len(held_out)} utterances of "
            f"{config.dialect} ({seconds:.1f} s to learn from); at least {FEWEST} to learn from "
            "and some to hold out are needed (an adapter wants minutes)"
        )
    return Speech(train, held_out, [_card(f) for f in folders], origin)


def usable(cuts: Iterable[Cut], config: AdaptConfig) -> list[Cut]:
    """The cuts that can be used, their sound checked.

    Raises:
        CorpusError: a cut speaks another dialect.
        AudioError: a recording is not what it should be.
    """
    found, left_out = [], Counter[str]()
    for cut in cuts:
        supervision = cut.supervisions[0]
        if supervision.language != config.dialect:
            raise CorpusError(f"{cut.id} speaks {supervision.language}, not {config.dialect}")
        if config.speaker and supervision.speaker != config.speaker:
            left_out[f"not of speaker {config.speaker!r}"] += 1
        elif cut.duration > config.longest:
            left_out[f"longer than {config.longest} s"] += 1
        else:
            check_sound(cut)
            found.append(cut)
    for reason, count in left_out.items():
        log.warning("%d utterances left out: %s", count, reason)
    return found


def check_sound(cut: Cut) -> np.ndarray:
    """The wave of a cut, (samples,), all of it finite.

    Raises:
        AudioError: it cannot be decoded, or holds NaN or infinite values.
    """
    try:
        wave = cut.load_audio()[0]
    except Exception as error:  # whatever the decoders raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise AudioError(f"{cut.id}: the sound cannot be read ({reason})") from error
    if not np.isfinite(wave).all():
        count = int((~np.isfinite(wave)).sum())
        raise AudioError(f"{cut.id}: {count} of {len(wave)} samples are NaN or infinite")
    return wave


def placed(cuts: Sequence[Cut], place: int) -> list[Cut]:
    """The cuts as the model hears of them: under the dialect with this id."""
    code = DIALECT_CODES[place]
    return [
        fastcopy(cut, supervisions=[fastcopy(s, language=code) for s in cut.supervisions])
        for cut in cuts
    ]


def segments_and_prosodies(cuts: Iterable[Cut]) -> tuple[list[str], list[str], list[str]]:
    """The segments, the prosodies and the tokens that occur, each in a stable order."""
    phones = [phone for cut in cuts for phone in cut_phones(cut).phones]
    return (
        sorted({p.segment for p in phones}),
        sorted({p.prosody for p in phones}),
        sorted({p.token for p in phones}),
    )


def _split(cuts: list[Cut]) -> tuple[list[Cut], list[Cut]]:
    """What is learned, and a tenth to measure on; no text is in both."""
    total = sum(cut.duration for cut in cuts)
    wanted = min(HELD_OUT * total, HELD_OUT_SECONDS)
    held: set[str] = set()
    seconds = 0.0
    for cut in cuts:
        if seconds < wanted and cut.supervisions[0].custom["phones"] not in held:
            held.add(cut.supervisions[0].custom["phones"])
            seconds += cut.duration
    first = [c for c in cuts if c.supervisions[0].custom["phones"] not in held]
    return first, [c for c in cuts if c.supervisions[0].custom["phones"] in held]


def _first_minutes(cuts: list[Cut], minutes: float) -> list[Cut]:
    """The first cuts that fill so much time; less is part of more."""
    if not minutes:
        return cuts
    taken, seconds = [], 0.0
    for cut in cuts:
        if seconds + cut.duration <= minutes * 60:
            taken.append(cut)
            seconds += cut.duration
    if len(taken) == len(cuts) and seconds < 0.95 * minutes * 60:
        raise CorpusError(f"minutes={minutes}: the data has {seconds / 60:.1f} minutes to learn")
    return taken


def _card(folder: Path) -> dict[str, Any]:
    keys = ("name", "source", "licence", "attribution", "hours")
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError(f"{folder}: its card.json cannot be read ({error})") from error
    return {key: card[key] for key in keys if key in card}


def prepared(folder: Path, config: AdaptConfig) -> Path:
    """A prepared corpus as it is; recordings with their texts are built into one first.

    Raises:
        CorpusError: the folder is neither.
    """
    if list(folder.glob("cuts.*.jsonl.gz")):
        return folder
    if not folder.is_dir() or not any(folder.rglob("*.txt")):
        raise CorpusError(
            f"{folder}: neither a prepared corpus (cuts.*.jsonl.gz, recording.*.tar) nor a folder "
            "of recordings with a .txt beside each"
        )
    return _build(folder.resolve(), config)


def _build(folder: Path, config: AdaptConfig) -> Path:
    from corpus_tools.build import build_corpora
    from corpus_tools.settings import BuildSettings, SplitSettings

    if not (config.licence and config.attribution):
        raise AdapterError(
            f"{folder}: recordings need licence= and attribution=, which the adapter carries on"
        )
    out = Path(config.out) / "corpora"
    out.mkdir(parents=True, exist_ok=True)
    entry = {
        "layout": "sidecar",
        "folder": folder.name,
        "dialect": config.dialect,
        "speaker": config.speaker or folder.name,
        "licence": config.licence,
        "attribution": config.attribution,
    }
    table = out / "table.yaml"
    table.write_text(json.dumps({folder.name: entry}, ensure_ascii=False), encoding="utf-8")
    log.info("%s: building a corpus of it in %s", folder, out)
    build_corpora(
        BuildSettings(
            corpus=[folder.name],
            source=str(folder.parent),
            out=str(out),
            table=str(table),
            workers=1,
            parquet=False,
            split=SplitSettings(texts=0.0),
        )
    )
    return out / folder.name
