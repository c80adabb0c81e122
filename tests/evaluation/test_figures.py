"""What single figures say of speech whose faults are known."""

from dataclasses import replace

import numpy as np
import pytest

from diamoe import bundle as bundles
from diamoe.audio.augment import Change, perturb
from diamoe.audio.files import write_audio
from diamoe.evaluation.bootstrap import estimate, paired_difference
from diamoe.evaluation.clip import Clip
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.items import Item
from diamoe.evaluation.metric import Figure
from diamoe.evaluation.normalisation import characters, words
from diamoe.evaluation.prosody import Prosody
from diamoe.evaluation.recognition import Recognition
from diamoe.evaluation.robustness import compare, leaked, wanted_phones, wave_faults
from diamoe.evaluation.scoring import known_speakers, score
from diamoe.evaluation.similarity import Similarity
from diamoe.evaluation.tone import PLACES, PitchScale, SyllableTone, pitch_scale
from diamoe.evaluation.tones import Tones, nearest_tone
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PhoneSeq
from diamoe.text.tones import levels_at

RATE = 24_000
TEXT = "今天天气很好，我们去公园。"


@pytest.fixture(scope="module")
def ear() -> Ear:
    return Ear(bundles.RECOGNISER)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """One sentence of the shipped bundle: a file, and its samples."""
    folder = tmp_path_factory.mktemp("spoken")
    speech = Synthesizer.from_bundle()(TEXT, "putonghua")
    write_audio(folder / "a.wav", speech.wave, speech.sample_rate)
    return folder, speech.wave


def clip(ear: Ear, folder, wave: np.ndarray, name: str = "x", **more) -> Clip:
    path = folder / f"{name}.wav"
    write_audio(path, wave, RATE)
    return Clip(Item(name, TEXT, "putonghua", **more), path, ear)


def test_a_voice_that_is_known_is_better_heard_in_single_syllables(ear, spoken):
    """The mean of one vowel is the vowel; without it little is left to hear."""
    folder, _ = spoken
    speak = Synthesizer.from_bundle()
    items = [Item("a", TEXT, "putonghua", voice="tan")]
    for number, text in enumerate(("啊。", "屋。", "云。", "二。", "雨。")):
        items.append(Item(f"s{number}", text, "putonghua", voice="tan"))
        write_audio(folder / f"s{number}.wav", speak(text, "putonghua").wave, RATE)
    items.append(Item("lost", TEXT, "putonghua", voice="nobody"))
    (folder / "lost.wav").write_bytes(b"no sound")
    audio = {item.id: folder / f"{item.id}.wav" for item in items}
    assert set(known_speakers(items, audio, ear)) == {"tan"}
    (_, *known, lost), (_, *alone, _) = (
        score(given, audio, ear, [Recognition(ear)], progress=False)
        for given in (items, [replace(item, voice="") for item in items])
    )
    assert "lost.wav" in lost["problems"]
    wrong, wrong_alone = (sum(row["per_part"] for row in rows) for rows in (known, alone))
    assert wrong < 0.7 * wrong_alone


def test_a_wide_sample_has_a_wide_interval():
    figure = Figure("x", "higher", "a mean")
    rng = np.random.default_rng(0)
    narrow = estimate(figure, [{"x": v} for v in 3 + 0.01 * rng.standard_normal(50)])
    wide = estimate(figure, [{"x": v} for v in 3 + rng.standard_normal(50)])
    assert narrow.low <= narrow.value <= narrow.high
    assert wide.high - wide.low > 20 * (narrow.high - narrow.low)
    assert 0.4 < wide.high - wide.low < 0.7  # 2 x 1.96 / sqrt(50)
    assert estimate(figure, [{"x": None}, {}]) is None


def test_pairs_show_a_difference_that_means_hide():
    base = np.random.default_rng(1).uniform(0, 10, 40)
    gap = paired_difference(list(base + 0.2), list(base))
    assert gap.value == pytest.approx(0.2) and gap.low > 0


def test_words_are_normalised_by_dialect():
    assert words("現在係3點。", "cantonese") == words("现在系三点", "cantonese")
    assert words("HELLO, World!", "english") == ["hello", "world"]
    assert words("Das kostet 3 €.", "german") == ["das", "kostet", "drei", "euro"]
    assert words("Привет 你好", "putonghua")[-2:] == ["你", "好"]
    assert words("。。。", "putonghua") == []
    assert characters("我们OK", "xian") == list("我们ok")


def test_alignment_names_what_went_wrong():
    wanted, syllables = wanted_phones(
        PhoneSeq.parse("m ˈaᴴᴴ | n ˈiᴴᴴ | χ ˈɑᴹᴸ ʊ̯ | 。", "putonghua")
    )
    assert wanted == ["m", "a", "n", "i", "χ", "ɑ", "ʊ̯"] and syllables == [0, 0, 1, 1, 2, 2, 2]
    right = compare(wanted, syllables, wanted)
    assert (right.swallowed, right.added, right.repeated, right.before) == (0, 0, 0, ())
    assert compare(wanted, syllables, ["m", "a", "χ", "ɑ", "ʊ̯"]).swallowed == 1
    assert compare(wanted, syllables, ["m", "a", "n", "i", "n", *wanted[3:]]).repeated == 2
    assert compare(wanted, syllables, [*wanted, "s", "u", "p", "u"]).added == 4
    assert compare(wanted, syllables, []).swallowed == 3
    tail = compare(wanted, syllables, ["t", "ɔ", "ŋ", *wanted])
    assert tail.before == ("t", "ɔ", "ŋ")
    assert leaked(["p", "a", "t", "ɔ", "ŋ"], tail.before) == pytest.approx(3 / 5)


def test_clicks_and_pauses_are_counted(spoken):
    _, wave = spoken
    clean = wave_faults(wave, RATE)
    assert clean["clicks"] == 0
    spoilt = wave.copy()
    places = np.linspace(0.2, 0.8, 5) * len(wave)
    spoilt[places.astype(int)] += 0.7
    assert wave_faults(spoilt, RATE)["clicks"] * len(wave) / RATE >= 4
    middle = len(wave) // 2
    gap = np.concatenate([wave[:middle], np.zeros(RATE, np.float32), wave[middle:]])
    longer = wave_faults(gap, RATE)
    assert longer["longest_pause"] >= 0.95 > clean["longest_pause"]
    assert longer["silence"] > clean["silence"]
    assert wave_faults(np.zeros(RATE, np.float32), RATE)["silence"] == 1.0


def test_the_recogniser_tells_the_text_from_another(ear, spoken):
    folder, wave = spoken
    metric = Recognition(ear)
    right = metric.score(clip(ear, folder, wave))
    other = Clip(Item("y", "祝福大家前程似锦。", "putonghua"), folder / "x.wav", ear)
    assert right["per"] < 0.4 < metric.score(other)["per"]
    assert metric.details()["recogniser"]["heldout"]


@pytest.mark.parametrize("code", ["putonghua", "cantonese", "chengdu", "shanghai"])
def test_a_tone_drawn_to_its_contour_is_nearest_to_it(code):
    dialect = load_dialect(code)
    scale = PitchScale(12 * np.log2(100), 3.0)
    for tone in dialect.tones:
        levels = levels_at(tone.contour, PLACES)
        track = scale.base + scale.step * levels
        drawn = SyllableTone(tone.contour, levels, track, tone.marks, True, 1.0)
        assert nearest_tone(drawn, dialect, scale) == tone.marks


def test_the_scale_of_a_speaker_whose_octaves_are_mistaken_and_of_one_without_tones():
    scale, spread = PitchScale(80.0, 1.5), np.random.default_rng(0)
    contours = [tone.contour for tone in load_dialect("cantonese").tones] * 5
    tones = []
    for contour in contours:
        levels = levels_at(contour, PLACES)
        track = scale.base + scale.step * levels + spread.normal(0, 0.3, len(PLACES))
        tones.append(SyllableTone(contour, levels, track, "", True, 1.0))
    for index in range(0, len(tones), 9):
        tones[index] = replace(tones[index], semitones=tones[index].semitones - 12)
    found = pitch_scale(tones)
    assert found.step == pytest.approx(scale.step, abs=0.15)
    assert found.levels(tones[1]) == pytest.approx(tones[1].levels, abs=0.8)
    flat = [replace(tone, semitones=np.full(len(PLACES), 90.0)) for tone in tones]
    assert pitch_scale(flat).step == 0.5
    assert pitch_scale(flat).levels(flat[0]).std() == 0


def test_tones_of_speech_beat_chance(ear, spoken):
    folder, wave = spoken
    metric = Tones()
    row = metric.score(clip(ear, folder, wave))
    assert row["tone_correlation"] > 0.5
    done = metric.finish()["x"]
    assert done["tone_accuracy"] > 0.5
    confusion = metric.details()["tone_confusion"]["putonghua"]
    assert sum(sum(r.values()) for r in confusion.values()) == done["tone_accuracy_of"]


def test_distances_are_nothing_to_oneself_and_grow(ear, spoken):
    folder, wave = spoken
    reference = str(folder / "a.wav")
    same = Prosody().score(clip(ear, folder, wave, reference=reference))
    assert same["mcd"] < 0.1 and same["f0_rmse"] < 0.1 and same["voicing_error"] < 0.02
    assert same["duration_ratio"] == pytest.approx(1, abs=0.02)
    slow = perturb(wave, RATE, Change(0.8, 2.0))
    changed = Prosody().score(clip(ear, folder, slow, "slow", reference=reference))
    assert changed["mcd"] > 1 and changed["duration_ratio"] == pytest.approx(1.25, abs=0.06)
    assert changed["f0_median"] == pytest.approx(same["f0_median"] * 2 ** (2 / 12), rel=0.08)
    assert changed["speech_rate"] < same["speech_rate"]


def test_another_voice_is_less_alike(ear, spoken):
    folder, wave = spoken
    metric = Similarity(ear)
    prompt = str(folder / "a.wav")
    scores = [
        metric.score(
            clip(ear, folder, perturb(wave, RATE, Change(1.0, by)), f"p{by}", prompt=prompt)
        )
        for by in (0.0, 5.0)
    ]
    assert scores[0]["similarity"] > 0.98 > 0.9 > scores[1]["similarity"]
