"""Lingua Libre as it ships words: one recording each, named after what is said.

Files from Wikimedia Commons are `LL-Q9186 (yue)-Speaker-word.wav`; the archives by language hold
`LANGUAGE/SPEAKER/word.ogg`, packed or unpacked.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from corpus_tools.recipes.archive import is_archive, member_names
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import AUDIO_SUFFIXES, walk
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

_COMMONS = re.compile(r"LL-(Q\d+)(?: \((\w+)\))?-([^-]+)-(.+)$")


def prepare_lingualibre(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read every recording below the folder and in its archives; the language code is the label.

    Raises:
        CorpusError: there is no recording.
    """
    found = False
    for path in walk(folder):
        for member in member_names(path) if is_archive(path) else ("",):
            if isinstance(member, Rejection):
                yield member
                continue
            place = Path(member) if member else path.relative_to(folder)
            if place.suffix.lower() in AUDIO_SUFFIXES:
                found = True
                try:
                    yield _utterance(corpus, path, member, place)
                except Rejected as reason:
                    yield Rejection(place.stem, reason.kind, f"{path} {member}: {reason.detail}")
    if not found:
        raise CorpusError(f"{folder}: no recordings below it")


def _utterance(corpus: KnownCorpus, path: Path, member: str, place: Path) -> Utterance:
    label, speaker, word = read_name(place)
    return Utterance(
        id="-".join(place.with_suffix("").parts),
        audio_path=path,
        dialect=corpus.dialect_of(label),
        speaker=speaker or corpus.speaker or corpus.name,
        text=word,
        member=member,
        language=label,
    )


def read_name(place: Path) -> tuple[str, str, str]:
    """Language, speaker and word of a recording by its name.

    >>> read_name(Path("LL-Q9186 (yue)-Luilui6666-一日到黑.wav"))
    ('yue', 'Luilui6666', '一日到黑')
    >>> read_name(Path("yue/Luilui6666/一日到黑.ogg"))
    ('yue', 'Luilui6666', '一日到黑')

    Raises:
        Rejected: neither form.
    """
    match = _COMMONS.match(place.stem)
    if match:
        return match[2] or match[1], match[3], match[4]
    if len(place.parts) < 2 or not place.stem.strip():
        raise Rejected("malformed row", f"{place}: expected SPEAKER/word or LL-Q…-SPEAKER-word")
    language = place.parts[-3] if len(place.parts) > 2 else ""
    return language, place.parts[-2], place.stem
