"""A listening test: its trials, and the page that puts them to a listener."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.audio.files import read_audio, write_audio
from diamoe.errors import AudioError, ConfigError, CorpusError
from diamoe.listening.candidates import System

KINDS = ("ab", "mos")
"""Which of two is better, or a mark from 1 to 5."""
QUESTIONS = {
    "ab": ("Which one sounds more natural?", "哪一个听起来更自然？"),
    "mos": ("How natural does it sound?", "听起来有多自然？"),
}
"""In English and Chinese, unless the maker asks something else."""
LEVEL = 0.06
"""Root mean square that every clip is brought to, so that none wins by being louder."""
PEAK = 0.98
PAGE = Path(__file__).parent / "page"


@dataclass(frozen=True)
class Trial:
    """One question to a listener."""

    item: str
    """Id of the text."""
    text: str
    dialect: str
    clips: tuple[str, ...]
    """Names of one sound (`mos`) or of two (`ab`) that tell nothing of the system."""


@dataclass(frozen=True)
class Study:
    """A whole test. The page draws the order of trials and sides from `seed` and the listener's
    name, so that each listener has an own order that can be had again."""

    id: str
    """Of this very test: results of another are refused."""
    kind: str
    seed: int
    questions: tuple[str, str]
    """In English and Chinese."""
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Key:
    """Who said what: for the maker, not for listeners."""

    study: str
    kind: str
    systems: tuple[str, ...]
    clips: dict[str, str]
    """The system of each clip."""


def make_study(
    kind: str, systems: Sequence[System], ids: Sequence[str], seed: int, question: str = ""
) -> tuple[Study, Key, dict[str, Path]]:
    """A test, its key, and the sound file of every clip.

    Raises:
        ConfigError: another kind of test, or too few systems for it.
    """
    if kind not in KINDS:
        raise ConfigError(f"listen: found {kind!r}, allowed: {', '.join(KINDS)}")
    if len(systems) < (2 if kind == "ab" else 1):
        raise ConfigError("listen: a comparison needs two systems or more")
    name = _digest(kind, str(seed), question, *(s.name for s in systems), *ids)
    clips = {(s.name, item): _digest(name, s.name, item) for s in systems for item in ids}
    groups = combinations(systems, 2) if kind == "ab" else ((s,) for s in systems)
    trials = [
        Trial(item, *group[0].texts[item], tuple(clips[s.name, item] for s in group))
        for group in groups
        for item in ids
    ]
    questions = (question, question) if question else QUESTIONS[kind]
    study = Study(name, kind, seed, questions, tuple(trials))
    key = Key(name, kind, tuple(s.name for s in systems), {c: s for (s, _), c in clips.items()})
    sounds = {clips[s.name, item]: s.audio[item] for s in systems for item in ids}
    return study, key, sounds


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def write_study(folder: Path, study: Study, key: Key, sounds: dict[str, Path]) -> tuple[Path, Path]:
    """Write the page (index.html, audio/) and beside the folder its key; returns both paths.

    The folder may be copied to any web server or opened from the disk; the key stays at home.

    Raises:
        CorpusError: a sound file cannot be read.
        ConfigError: the folder holds the sounds of another test.
    """
    strangers = {path.stem for path in (folder / "audio").glob("*")} - set(sounds)
    if strangers:
        raise ConfigError(f"{folder}: holds the sounds of another test; name an empty folder")
    for clip, source in sounds.items():
        try:
            wave, rate = read_audio(source)
        except AudioError as error:
            raise CorpusError(f"listen: {error}") from error
        write_audio(folder / "audio" / f"{clip}.flac", levelled(wave), rate)
    page = folder / "index.html"
    page.write_text(_page(study), encoding="utf-8")
    target = folder.with_name(f"{folder.name}.key.json")
    text = json.dumps(asdict(key), ensure_ascii=False, indent=1)
    target.write_text(text, encoding="utf-8")
    return page, target


def levelled(wave: np.ndarray) -> np.ndarray:
    """A wave (samples,) at the common level, its peaks below full scale; silence stays silence."""
    from diamoe.synthesis.speech import loud_rms

    rms = loud_rms(wave)
    if rms == 0:
        return wave
    gain = min(LEVEL / rms, PEAK / float(np.abs(wave).max()))
    return (wave * gain).astype(np.float32)


def _page(study: Study) -> str:
    """One file: browsers refuse modules and fetches from the disk."""
    data = json.dumps(asdict(study), ensure_ascii=False).replace("</", "<\\/")
    parts = {
        "/*style*/": (PAGE / "style.css").read_text(encoding="utf-8"),
        "/*study*/": data,
        "/*words*/": (PAGE / "words.js").read_text(encoding="utf-8"),
        "/*listen*/": (PAGE / "listen.js").read_text(encoding="utf-8"),
    }
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    for mark, text in parts.items():
        page = page.replace(mark, text)
    return page


def read_key(path: Path) -> Key:
    """The key that `write_study` wrote.

    Raises:
        CorpusError: it is none.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Key(values["study"], values["kind"], tuple(values["systems"]), values["clips"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path}: no key of a listening test ({error!r})") from error
