"""Mandarin pinyin instead of IPA: the input that DiaMoE-TTS compares its phones with.

Every dialect's text is read as Mandarin, one initial and one final with its tone per character,
so a model has to learn each dialect's sounds from the sound alone. So that models, trainers and
bundles need not know of it, the units are written with the tokens of the phone vocabulary, one
token for each: a relabelling, in which initials take the place of consonants and finals that of
vowels with tones.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lhotse.cut import Cut
from lhotse.shar import SharWriter
from lhotse.supervision import AlignmentItem
from lhotse.utils import fastcopy
from tqdm import tqdm

from diamoe.corpus import cut_phones, open_corpus
from diamoe.errors import CorpusError
from diamoe.text.phones import PAUSE, SYLLABLE, make_token, parse_phone
from diamoe.text.vocabulary import CONSONANTS, VOWELS

INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s".split()
FINALS = (
    "a o e ê ai ei ao ou an en ang eng ong er i ia io ie iao iou ian in iang ing iong "
    "u ua uo uai uei uan uen uang ueng v ve van vn"
).split()
TONES = {"1": "ᴴᴴ", "2": "ᴹᴴ", "3": "ᴸᴸ", "4": "ᴴᴸ", "5": ""}
HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")

_CONSONANT = dict(zip(INITIALS, CONSONANTS[1:], strict=False))
_VOWEL = dict(zip(FINALS, VOWELS, strict=False))


def pinyin_units(text: str) -> list[tuple[str, ...]]:
    """Each Chinese character of a text as the tokens of its initial, if any, and its final.

    >>> [len(units) for units in pinyin_units("你好啊。")]
    [2, 2, 1]

    Raises:
        CorpusError: a character has no Mandarin reading.
    """
    from pypinyin import Style, lazy_pinyin

    if not text:
        return []
    each: Any = list  # other signs one by one, so that every sign of a text keeps its place
    initials = lazy_pinyin(text, style=Style.INITIALS, errors=each)
    finals = lazy_pinyin(text, style=Style.FINALS_TONE3, neutral_tone_with_five=True, errors=each)
    units = []
    for character, initial, final in zip(text, initials, finals, strict=True):
        if HAN.match(character):
            units.append(_units(character, initial, final))
    return units


def _units(character: str, initial: str, final: str) -> tuple[str, ...]:
    vowel, tone = _VOWEL.get(final.rstrip("12345")), TONES.get(final[-1:])
    if vowel is None or tone is None or (initial and initial not in _CONSONANT):
        raise CorpusError(f"{character!r} has no initial and final of Mandarin")
    nucleus = make_token(vowel, "ˈ" if tone else "", tone)
    return (_CONSONANT[initial], nucleus) if initial else (nucleus,)


Syllable = list[AlignmentItem]


def _syllables(cut: Cut) -> Iterator[Syllable]:
    """The aligned tokens of a cut by syllable; a pause is one of its own."""
    items = iter(cut.supervisions[0].alignment["phone"])
    syllable: Syllable = []
    for token in cut_phones(cut).tokens:
        if token != SYLLABLE:
            item = next(items)
            if not parse_phone(token).is_pause:
                syllable.append(item)
                continue
        if syllable:
            yield syllable
            syllable = []
        if token != SYLLABLE:
            yield [item]


def pinyin_cut(cut: Cut) -> Cut:
    """The same cut with pinyin for phones; an initial has its first phone's time, a final the rest.

    Raises:
        CorpusError: characters and syllables are not as many, or one is not Mandarin.
    """
    supervision = cut.supervisions[0]
    syllables = list(_syllables(cut))
    units = iter(pinyin_units(supervision.text))
    found = sum(not parse_phone(s[0].symbol).is_pause for s in syllables)
    if found != len(pinyin_units(supervision.text)):
        raise CorpusError(f"{cut.id}: {found} syllables are not one to a character")
    items: list[AlignmentItem] = []
    tokens: list[str] = []
    for syllable in syllables:
        if parse_phone(syllable[0].symbol).is_pause:
            items += syllable
            tokens.append(syllable[0].symbol)
            continue
        unit = next(units)
        start, end = syllable[0].start, syllable[-1].end
        middle = syllable[0].end if len(syllable) > 1 else (start + end) / 2
        edges = [start, middle, end] if len(unit) == 2 else [start, end]
        for token, begin, finish in zip(unit, edges, edges[1:], strict=False):
            items.append(AlignmentItem(token, begin, finish - begin))
        if tokens and not parse_phone(tokens[-1]).is_pause:
            tokens.append(SYLLABLE)
        tokens += unit
    inner = [t for i, t in enumerate(tokens) if t != PAUSE or 0 < i < len(tokens) - 1]
    custom = {**supervision.custom, "phones": " ".join(inner)}
    changed = fastcopy(supervision, custom=custom, alignment={"phone": items})
    return fastcopy(cut, supervisions=[changed])


@dataclass(frozen=True)
class PinyinConfig:
    """Settings of `python -m diamoe.inspect pinyin`."""

    data: list[str] = field(default_factory=list)
    """Prepared corpora, folders or patterns."""
    out: str = "corpora/pinyin"
    """Folder for the corpora in pinyin, each under its own name."""


def run(config: PinyinConfig) -> dict[str, dict[str, int]]:
    """Write each corpus anew in pinyin; what cannot be is left out, counted and said."""
    from diamoe.training.shards import find_corpora

    counts = {}
    for folder in find_corpora(config.data):
        counts[Path(folder).name] = _rewrite(Path(folder), Path(config.out) / Path(folder).name)
        print(f"{folder}: {counts[Path(folder).name]}")
    return counts


def _rewrite(source: Path, target: Path) -> dict[str, int]:
    kept = left_out = 0
    target.mkdir(parents=True, exist_ok=True)
    with SharWriter(str(target), fields={"recording": "flac"}, shard_size=1000) as writer:
        for cut in tqdm(open_corpus(source), desc=source.name, unit="utt"):
            try:
                changed = pinyin_cut(cut)
            except CorpusError:
                left_out += 1
                continue
            writer.write(changed)
            kept += 1
    card = source / "card.json"
    if card.is_file():
        shutil.copyfile(card, target / "card.json")
    counts = {"kept": kept, "left_out": left_out}
    (target / "pinyin.json").write_text(json.dumps(counts), encoding="utf-8")
    return counts
