"""espeak-ng itself: one library, one voice at a time, words of IPA symbols out.

phonemizer and espeak-ng are GPL-3 and are imported only when such a language is used.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock

from diamoe.errors import MissingBackend

LONGEST_CLAUSE = 180
"""Bytes given to espeak-ng at once: its buffers overflow on very long clauses."""

_FLAG = re.compile(r"^\(([a-z0-9-]+)\)$")
_TONE = re.compile(r"[0-9ɜ]+$")
_lock = Lock()
"""The library keeps its state in global variables."""


@dataclass(frozen=True)
class Said:
    """One word as espeak-ng says it; an empty symbol is a glottal stop or a break.

    `language` is set where it switched to the rules of another language; `tones` holds the tone
    digits of the symbols that carry one, by their index.
    """

    symbols: tuple[str, ...]
    language: str = ""
    tones: dict[int, str] = field(default_factory=dict, hash=False)

    @property
    def sounds(self) -> bool:
        """Whether there is any sound in it."""
        return any(s.strip("ˈˌ-") for s in self.symbols)


def say(voice: str, words: Sequence[str], tonal: bool = False) -> list[Said]:
    """What a voice says for the words of a clause, at most `portions` of them at once.

    Raises:
        MissingBackend: phonemizer or espeak-ng is not installed, or has no such voice.
    """
    text = " ".join(words)
    with _lock:
        engine = _engine()
        _choose(voice)
        said = list(_words(engine.text_to_phonemes(text, False)))
        return _with_tones(said, _mnemonics(engine, text)) if tonal else said


def portions(words: Sequence[str]) -> Iterator[list[str]]:
    """The words of a clause in parts that espeak-ng's buffers hold.

    >>> [len(part) for part in portions(["abcde"] * 40)]
    [30, 10]
    """
    part: list[str] = []
    size = 0
    for word in words:
        length = len(word.encode()) + 1
        if part and size + length > LONGEST_CLAUSE:
            yield part
            part, size = [], 0
        part.append(word)
        size += length
    if part:
        yield part


def _words(ipa: str) -> Iterator[Said]:
    language = ""
    for word in ipa.split(" "):
        symbols: list[str] = []
        foreign = language
        for symbol in word.split("_"):
            flag = _FLAG.match(symbol)
            if flag is None:
                symbols.append(symbol)
            else:
                language = "" if language else flag[1]
                foreign = foreign or language
        said = Said(tuple(symbols), foreign)
        if said.sounds:
            yield said


def _with_tones(words: Sequence[Said], mnemonics: str) -> list[Said]:
    """IPA output shortens a tone to one digit; espeak-ng's own symbols have it in full."""
    full = [re.findall(r"[^\d_ |]([0-9]+)", w) for w in mnemonics.split() if w.strip("_|")]
    if len(full) != len(words):
        full = [[] for _ in words]
    return [_toned(said, digits) for said, digits in zip(words, full, strict=True)]


def _toned(said: Said, digits: Sequence[str]) -> Said:
    places = [i for i, s in enumerate(said.symbols) if _TONE.search(s) and len(s) > 1]
    tones = dict(zip(places, digits, strict=False)) if not said.language else {}
    symbols = tuple(_TONE.sub("", s) if i in tones else s for i, s in enumerate(said.symbols))
    return Said(symbols, said.language, tones)


def _mnemonics(engine, text: str) -> str:  # type: ignore[no-untyped-def]
    pointer = ctypes.pointer(ctypes.c_char_p(text.encode()))
    parts = []
    while pointer.contents.value is not None:
        said = engine._espeak.text_to_phonemes(pointer, 1, ord("_") << 8)
        parts.append(said.decode() if said else "")
    return " ".join(parts)


@lru_cache(maxsize=1)
def _engine():  # type: ignore[no-untyped-def]
    try:
        import espeakng_loader
        from phonemizer.backend.espeak.wrapper import EspeakWrapper
    except ImportError as error:
        raise MissingBackend(
            f"{error.name} is not installed: pip install phonemizer espeakng-loader (both GPL-3)"
        ) from error
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    return EspeakWrapper()


_chosen: list[str] = []


def _choose(voice: str) -> None:
    if _chosen == [voice]:
        return
    if voice not in voices():
        raise MissingBackend(f"espeak-ng has no voice {voice!r}; it has {', '.join(voices())}")
    _engine().set_voice(voice)
    _chosen[:] = [voice]


@lru_cache(maxsize=1)
def voices() -> dict[str, str]:
    """The names of all voices that have a dictionary, by their codes.

    Raises:
        MissingBackend: phonemizer or espeak-ng is not installed.
    """
    engine = _engine()
    data = Path(engine.data_path)
    found: dict[str, str] = {}
    for voice in engine.available_voices():
        if (
            data / f"{_dictionary(data / 'lang' / voice.identifier, voice.language)}_dict"
        ).exists():
            found.setdefault(voice.language, voice.name)
    return dict(sorted(found.items()))


def _dictionary(file: Path, code: str) -> str:
    """The dictionary that a voice file names, or that of its language."""
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    named = re.search(r"^dictionary\s+(\S+)", text, re.MULTILINE)
    return named[1] if named else code.split("-")[0]
