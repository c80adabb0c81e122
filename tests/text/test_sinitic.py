"""The rule engines and their files."""

from dataclasses import replace

import pytest

from diamoe.errors import DialectFileError
from diamoe.text.backends.jyutping import JyutpingBackend
from diamoe.text.backends.registry import load_backend
from diamoe.text.backends.sinitic import SiniticBackend, load_sinitic
from diamoe.text.dialect import available_dialects, load_dialect
from diamoe.text.history import ancestry
from diamoe.text.sandhi import Beat, read_sandhi
from diamoe.text.syllable import INITIALS, Syllable, parse_pinyin, spell
from diamoe.text.vocabulary import PhoneVocabulary

SINITIC = [d for d in available_dialects() if load_dialect(d).backend == "sinitic"]
FINALS = (
    "a o e ee er ai ei ao ou an en ang eng ong ih i ia ie iai iao iou ian in iang ing iong "
    "u ua uo ue uai uei uan uen uang ueng v ve van vn vo"
).split()


@pytest.mark.parametrize("code", SINITIC)
def test_every_syllable_is_in_the_vocabulary(code: str) -> None:
    backend = load_backend(code)
    assert isinstance(backend, SiniticBackend)
    vocabulary = PhoneVocabulary.default()
    initials = [i for i in ("", *INITIALS) if i == "" or i in backend.segments.initials]
    tones = [(t.number, False) for t in backend.dialect.tones] + [(0, True)]
    for initial in initials:
        for final in FINALS:
            for tone, neutral in tones:
                for erhua in (False, True):
                    syllable = Syllable(initial, final, tone, neutral, erhua)
                    for phone in backend.segments.phones(syllable):
                        assert phone in vocabulary, (str(syllable), phone)


def test_every_jyutping_syllable_is_in_the_vocabulary() -> None:
    import ToJyutping

    backend = load_backend("cantonese")
    assert isinstance(backend, JyutpingBackend)
    vocabulary = PhoneVocabulary.default()
    seen = set()
    for code in range(0x4E00, 0xA000):
        ((_, readings),) = ToJyutping.get_jyutping_candidates(chr(code))
        seen.update(part for reading in readings or () for part in reading.split())
    assert len(seen) > 1500
    for jyutping in seen:
        assert all(phone in vocabulary for phone in backend.phones(jyutping)), jyutping


@pytest.mark.parametrize(
    "text", "zhuang4 yuan2 lve4 nv3 xiong1 wo3 de0 shui3 yingr3 er2 m2".split()
)
def test_spelling_round_trip(text: str) -> None:
    assert spell(parse_pinyin(text)) == text


@pytest.mark.parametrize(
    "code,tones,expected",
    [
        ("putonghua", [3, 3], [2, 3]),
        ("zhengzhou", [4, 4], [1, 4]),
        ("zhengzhou", [2, 4], [3, 4]),
        ("shijiazhuang", [1, 1], [3, 1]),
        ("xian", [1, 1], [2, 1]),
        ("chengdu", [3, 3], [3, 3]),
    ],
)
def test_sandhi_inside_a_word_only(code: str, tones: list[int], expected: list[int]) -> None:
    sandhi = read_sandhi(load_dialect(code))
    beats = [Beat("山水"[i % 2], Syllable("sh", "an", t), 0, 2) for i, t in enumerate(tones)]
    assert [c.syllable.tone for c in sandhi(beats)] == expected
    apart = [replace(beat, word=i) for i, beat in enumerate(beats)]
    assert [c.syllable.tone for c in sandhi(apart)] == tones


def test_historical_class() -> None:
    word = ancestry("hok6")
    assert word is not None
    assert (word.checked, word.coda, word.onset) == (True, "k", "muddy")
    assert ancestry("x") is None


@pytest.mark.parametrize(
    "rules,key",
    [
        ({"sandi": []}, "sandi"),
        ({"sandhi": [{"tone": 1, "befor": 2, "becomes": 3}]}, "befor"),
        ({"sandhi": [{"tone": 1, "before": 2, "becomes": 9}]}, "becomes"),
        ({"correspondences": [{"when": {"initial": "n"}, "too": {}}]}, "too"),
        ({"correspondences": [{"when": {"inital": "n"}, "to": {}}]}, "inital"),
        ({"segments": {"final": {}}}, "final"),
        ({"segments": {"finals": {"a": 3}}}, "finals.a"),
        ({"readings": {"的": "??"}}, "的"),
        ({"readings": {"我们": "wo3"}}, "我们"),
    ],
)
def test_wrong_dialect_file_names_file_and_key(rules: dict, key: str) -> None:
    dialect = replace(load_dialect("chengdu"), rules=rules)
    with pytest.raises(DialectFileError, match=r"chengdu\.yaml") as caught:
        load_sinitic(dialect)
    assert key in str(caught.value)
