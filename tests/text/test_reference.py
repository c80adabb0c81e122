"""Agreement with the linguists' tables, where they are at hand."""

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest

from diamoe.errors import NotationError
from diamoe.text.backends.sinitic import SiniticBackend
from diamoe.text.frontend import Frontend, load_backend
from diamoe.text.history import ancestries
from diamoe.text.phones import PhoneSeq
from diamoe.text.syllable import parse_pinyin

pytestmark = pytest.mark.shared
RAISED = str.maketrans("⁰¹²³⁴⁵", "012345")
DIALECTS = ("chengdu", "xian", "zhengzhou", "shijiazhuang")


def rows(path: Path) -> list[tuple]:
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return list(sheet.iter_rows(values_only=True, min_row=2))


def sinitic(code: str) -> SiniticBackend:
    backend = load_backend(code)
    assert isinstance(backend, SiniticBackend)
    return backend


def spelled(pinyin: str) -> str:
    return re.sub("^wf", "v", pinyin.replace("_", "") if pinyin[-2] == "_" else pinyin)


def expected_phones(backend: SiniticBackend, initial: str, final: str) -> tuple[str, ...]:
    marks = {tone.contour: tone.marks for tone in backend.dialect.tones}
    tokens = []
    for part in f"{initial},{final}".split(","):
        match = re.match("^(.*?)([⁰¹²³⁴⁵]*)$", part)
        assert match is not None
        tone = match[2].translate(RAISED)
        tokens.append(unicodedata.normalize("NFD", match[1] + (marks[tone] if tone else "")))
    return tuple(tokens)


@pytest.mark.parametrize("code", ("putonghua", *DIALECTS))
def test_segments_of_every_syllable(shared: Path, code: str) -> None:
    backend = sinitic(code)
    name = "base_syllable.xlsx" if code == "putonghua" else "syllable.xlsx"
    right = wrong = 0
    for pinyin, _, initial, final in rows(shared / "reference/diamoe_frontend" / code / name):
        if not pinyin or not initial or not final:
            continue
        try:
            got = backend.segments.phones(parse_pinyin(spelled(pinyin)))
        except NotationError:
            got = ()
        right, wrong = (
            (right + 1, wrong)
            if got == expected_phones(backend, initial, final)
            else (right, wrong + 1)
        )
    assert right > 5000
    assert right / (right + wrong) > 0.985


def frequent(count: int = 1500) -> set[str]:
    import jieba

    total: dict[str, int] = defaultdict(int)
    for line in (Path(jieba.__file__).parent / "dict.txt").read_text("utf-8").splitlines():
        word, frequency, _ = line.split(" ")
        for character in word:
            total[character] += int(frequency)
    return set(sorted(total, key=lambda c: -total[c])[:count])


@pytest.mark.parametrize(
    "code,segments,tones",
    [
        ("chengdu", 0.96, 0.97),
        ("xian", 0.96, 0.94),
        ("zhengzhou", 0.98, 0.96),
        ("shijiazhuang", 0.96, 0.96),
    ],
)
def test_correspondences_on_frequent_characters(
    shared: Path, code: str, segments: float, tones: float
) -> None:
    from pypinyin import Style, pinyin

    backend, common = sinitic(code), frequent()
    readings: dict[str, set[str]] = defaultdict(set)
    for row in rows(shared / "reference/diamoe_frontend" / code / "hanzi.xlsx"):
        if row[0] and row[2]:
            readings[row[0]].add(row[2])
    hits = tone_hits = total = 0
    for character, found in readings.items():
        mandarin = pinyin(character, Style.TONE3, True, neutral_tone_with_five=True)[0]
        if character not in common or len(found) != 1 or len(mandarin) != 1:
            continue
        want = parse_pinyin(spelled(found.pop()))
        source = parse_pinyin(mandarin[0])
        if want.neutral or source.neutral:
            continue
        got = backend.correspondence(source, ancestries(character)[0], character)
        phones = backend.segments.phones
        hits += phones(got.change(neutral=True)) == phones(want.change(neutral=True))
        tone_hits += got.tone == want.tone
        total += 1
    assert total > 350
    assert hits / total >= segments, hits / total
    assert tone_hits / total >= tones, tone_hits / total


@pytest.mark.parametrize(
    "code,share", [("chengdu", 0.85), ("xian", 0.7), ("zhengzhou", 0.7), ("shijiazhuang", 0.8)]
)
def test_spoken_prompts(shared: Path, code: str, share: float) -> None:
    path = shared / "data/dialect_prompts" / f"{code}_female_prompt.txt"
    _, text, phones = path.read_text("utf-8").strip().split("\t")
    if code == "zhengzhou":  # this prompt writes the tone 54 as high-mid
        phones = phones.replace("ᴴᴹ", "ᴴᴴ")
    want = [" ".join(p.token for p in s) for s in PhoneSeq.parse(phones, code).syllables()]
    got = [" ".join(p.token for p in s) for s in Frontend(code)(text).syllables()]
    matched = sum(a == b for a, b in zip(got, want, strict=False))
    assert matched / len(want) >= share, list(zip(got, want, strict=False))
