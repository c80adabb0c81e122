"""The pronunciation teacher: phone times, tones, loudness and named errors."""

import numpy as np
import pytest

pyworld = pytest.importorskip("pyworld")
pytest.importorskip("espeakng_loader")

from corpus_tools.teacher import VOICES, get_voice, speak  # noqa: E402
from corpus_tools.teacher.errors import TeacherError, UnmappedPhone  # noqa: E402
from corpus_tools.teacher.espeak import espeak  # noqa: E402
from corpus_tools.teacher.mnemonics import (  # noqa: E402
    APPROXIMATE,
    CONSONANTS,
    MAX_STEPS,
    SILENT,
    TABLES,
    choose_voice,
    collapsed,
)
from corpus_tools.teacher.syllable import analyse_syllable  # noqa: E402
from corpus_tools.teacher.tune import draw_f0, level_to_hz  # noqa: E402
from diamoe.errors import EmptyText, NotationError  # noqa: E402
from diamoe.text.dialect import available_dialects, load_dialect  # noqa: E402
from diamoe.text.phones import PAUSE, PUNCTUATION, SYLLABLE, PhoneSeq, make_token  # noqa: E402
from diamoe.text.tones import contours, levels_at  # noqa: E402
from diamoe.text.vocabulary import OFF_GLIDES, VOWELS, PhoneVocabulary  # noqa: E402

RATE = 24_000
MANDARIN = PhoneSeq.parse(
    "∅ ˈɑᴴᴴ | ， | n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯ | m ˈɑᴴᴴ m ɑ | tʰ j ˈɛᴴᴴ n | t͡ʂ ˈʊᴴᴴ ŋ | t͜sʰ ˈɹ̩ᴴᴸ | 。"
    "| ʂ ˈɻ̍ᴴᴸ | t͜ɕʰ ɥ ˈœᴹᴴ n | ？".replace("m ˈɑᴴᴴ m ɑ", "m ˈɑᴴᴴ | m ɑ"),
    "putonghua",
)
CANTONESE = PhoneSeq.parse(
    "k ˈɐᴴᴴ n | t͜s ˈyᴸᴸ | h ˈɐ̆ᴴ k | s ˈɪ̆ᴴ k | t ˈaᴹᴴ ɪ̯ | k w ˈɔᴸᴹ ŋ | 。", "cantonese"
)
CHENGDU = PhoneSeq.parse("t ˈɛᴹᴸ | ɕ ɥ ˈɛᴴᴸ ˜ | f ˈɑᴹᴸ ŋ | s ˈæᴸᴹ ˜ | ， | ŋ ˈoᴴᴸ | 。", "chengdu")
FRENCH = PhoneSeq.parse("l e | z ɑ ˜ | f ˈɑ ˜ | v ɔ ˜ | a | l e | k ˈɔ l | 。", "french")
TONAL = [MANDARIN, CANTONESE, CHENGDU]
ALL = [*TONAL, FRENCH]


def rms_db(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(samples.astype(float) ** 2) + 1e-12)


@pytest.mark.parametrize("seq", ALL, ids=lambda s: s.dialect)
def test_alignment_is_the_tokens_without_gaps(seq):
    speech = speak(seq, get_voice("teacher_f1"))
    wanted = [PAUSE, *(t for t in seq.tokens if t != SYLLABLE), PAUSE]
    assert [token for token, _, _ in speech.alignment] == wanted
    end = 0.0
    for token, start, duration in speech.alignment:
        assert start == pytest.approx(end, abs=1e-6)
        assert duration > 0 or token in PUNCTUATION
        end = start + duration
    assert end == pytest.approx(speech.duration, abs=1e-6)


@pytest.mark.parametrize("seq", ALL, ids=lambda s: s.dialect)
def test_pauses_are_silent_and_speech_is_levelled(seq):
    speech = speak(seq, get_voice("teacher_f1"))
    assert speech.samples.dtype == np.float32
    assert np.abs(speech.samples).max() < 0.95
    sounding = []
    for token, start, duration in speech.alignment:
        part = speech.samples[round((start + 0.02) * RATE) : round((start + duration) * RATE)]
        if token == PAUSE or token in PUNCTUATION:
            assert len(part) == 0 or rms_db(part[: len(part) - 480]) < -55 or len(part) < 960
        else:
            sounding.append(part)
    assert -27 < rms_db(np.concatenate(sounding)) < -19


def test_final_mark_takes_no_time_and_inner_marks_do():
    times = speak(MANDARIN, get_voice("teacher_f1")).alignment
    marks = {token: duration for token, _, duration in times if token in PUNCTUATION}
    assert marks["？"] == 0.0
    assert 0.2 <= marks["，"] <= 0.36
    assert 0.4 <= marks["。"] <= 0.62


@pytest.mark.parametrize("name", ["teacher_f1", "teacher_m1", "teacher_m3"])
@pytest.mark.parametrize("seq", TONAL, ids=lambda s: s.dialect)
def test_measured_f0_follows_the_contours(seq, name):
    voice = get_voice(name)
    speech = speak(seq, voice)
    wave = speech.samples.astype(float)
    f0, times = pyworld.dio(wave, RATE, f0_floor=60, f0_ceil=500)
    f0 = pyworld.stonemask(wave, f0, times, RATE)
    groups = list(seq.syllables())
    position, heard, meant = 1, [], []
    for phones, contour in zip(groups, contours(groups, load_dialect(seq.dialect)), strict=True):
        items = speech.alignment[position : position + len(phones)]
        position += len(phones)
        if not contour:
            continue
        nucleus = next(i for i, p in enumerate(phones) if p.is_nucleus or p.token == "ɑ")
        start, end = items[nucleus][1], items[-1][1] + items[-1][2]
        inside = (times >= start) & (times < end) & (f0 > 0)
        assert inside.any(), phones
        heard.append(np.log2(f0[inside] / voice.low) / np.log2(voice.high / voice.low) * 4 + 1)
        meant.append(levels_at(contour, (times[inside] - start) / (end - start)))
    assert np.corrcoef(np.concatenate(heard), np.concatenate(meant))[0, 1] > 0.95


def test_questions_rise_statements_fall_and_final_stops_are_released():
    voice = get_voice("teacher_f1")
    ends, codas = [], []
    for mark in "。？":
        speech = speak(PhoneSeq.parse(f"s ɛ | t y n | p ɔ | l ˈi t | {mark}", "french"), voice)
        wave = speech.samples.astype(float)
        f0, times = pyworld.harvest(wave, RATE, f0_floor=60, f0_ceil=500)
        _, start, length = next(item for item in speech.alignment if item[0] == "ˈi")
        inside = (times >= start) & (times < start + length) & (f0 > 0)
        slope = np.polyfit(times[inside], np.log2(f0[inside]), 1)[0]
        ends.append(slope)
        _, start, length = [item for item in speech.alignment if item[0] == "t"][-1]
        codas.append(rms_db(wave[round(start * RATE) : round((start + length) * RATE)]))
    assert ends[0] < -0.5 < 0.5 < ends[1]
    assert min(codas) > -45


def test_same_seed_same_samples_and_another_seed_differs():
    voice = get_voice("teacher_m1")
    first, again, other = (speak(CHENGDU, voice, seed) for seed in (3, 3, 4))
    assert np.array_equal(first.samples, again.samples) and first.alignment == again.alignment
    assert len(other.samples) != len(first.samples)


@pytest.mark.parametrize("name", list(VOICES))
def test_every_voice_speaks_in_its_range(name):
    voice = VOICES[name]
    speech = speak(CHENGDU, voice)
    f0, _ = pyworld.harvest(speech.samples.astype(float), RATE, f0_floor=60, f0_ceil=500)
    voiced = f0[f0 > 0]
    assert voice.low * 0.75 < np.percentile(voiced, 10)
    assert np.percentile(voiced, 90) < voice.high * 1.1


def test_every_mnemonic_is_spoken_as_one_phoneme_each():
    for voice, table in TABLES.items():
        espeak().set_voice(voice)
        for segment, mnemonics in {**CONSONANTS, **table}.items():
            parts = mnemonics.split()
            if segment in OFF_GLIDES:
                text = f"t|'a|{parts[0]}"
            elif segment.split()[0] in VOWELS:
                text = f"t|'{parts[0]}"
            else:
                text = "|".join([*parts, "'a" if voice != "en" else "'V"])
            spoken = [n for _, n in espeak().say(text).phonemes if n.strip("_|:;' ")]
            assert len(spoken) == text.count("|") + 1, (voice, segment, spoken)


def test_every_segment_of_the_vocabulary_has_a_sound():
    vocabulary = PhoneVocabulary.default()
    skipped = {PAUSE, SYLLABLE, *PUNCTUATION, *SILENT}
    for segment in vocabulary.segments:
        if segment not in skipped:
            choose_voice((segment,))


def test_approximations_end_within_the_allowed_steps():
    for segment in APPROXIMATE:
        steps, spoken = 0, segment
        while spoken in APPROXIMATE:
            spoken, steps = APPROXIMATE[spoken], steps + 1
            if spoken in CONSONANTS or any(spoken in t for t in TABLES.values()):
                break
        assert steps <= MAX_STEPS


def test_collapsed_contrasts_are_reported():
    assert collapsed(("ȵ", "i")) == {"ȵ": "ɲ"}
    assert collapsed(("n", "i")) == {}


def test_unmapped_phone_is_a_named_error():
    with pytest.raises(UnmappedPhone, match="ǃ"):
        analyse_syllable(("ǃ", "a"), "f2")


def test_syllable_without_a_vowel_is_a_named_error():
    with pytest.raises(TeacherError, match="no vowel"):
        speak(PhoneSeq(("p", "s"), "chengdu"), get_voice("teacher_f1"))


def test_unknown_tone_and_voice_and_empty_text():
    with pytest.raises(NotationError, match="ᴸᴴ"):
        speak(PhoneSeq((make_token("a", "ˈ", "ᴸᴴ"),), "putonghua"), get_voice("teacher_f1"))
    with pytest.raises(TeacherError, match="teacher_f1"):
        get_voice("nobody")
    with pytest.raises(EmptyText):
        speak(PhoneSeq(("。",), "putonghua"), get_voice("teacher_f1"))


def test_nonfinal_and_neutral_contours():
    dialect = load_dialect("putonghua")
    found = contours(list(MANDARIN.syllables()), dialect)
    third = dialect.tone_of_marks("ᴹᴸ")
    assert found[2] == third.nonfinal and found[4:6] == ["55", dialect.neutral_after[1]]
    last = PhoneSeq.parse("n ˈiᴹᴸ | 。", "putonghua")
    assert contours(list(last.syllables()), dialect)[0] == third.contour


def test_levels_are_even_steps_of_pitch():
    voice = get_voice("teacher_f1")
    hz = level_to_hz(np.arange(1.0, 6.0), voice)
    assert hz[0] == pytest.approx(voice.low) and hz[-1] == pytest.approx(voice.high)
    assert np.allclose(hz[1:] / hz[:-1], hz[1] / hz[0])
    assert draw_f0([], 5, voice).shape == (5,)


def test_every_tone_of_every_dialect_can_be_spoken():
    for code in available_dialects():
        dialect = load_dialect(code)
        for tone in dialect.tones:
            token = make_token("a", "ˈ", tone.marks, short=len(tone.marks) == 1)
            speech = speak(PhoneSeq(("m", token), code), get_voice("teacher_m1"))
            assert speech.duration > 0.2
