"""From text to sound with a tiny bundle."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from diamoe.errors import ConfigError, EmptyText, UnknownDialect, UnknownVoice, UnreadableText
from diamoe.flow.sampling import Sampling
from diamoe.synthesis.pieces import phone_pieces
from diamoe.synthesis.planning import SENTENCE, dialect_pace, speaking_pace
from diamoe.synthesis.speech import limit_peaks
from diamoe.synthesis.synthesizer import Request, SynthesisOptions, Synthesizer
from diamoe.text.frontend import Frontend
from diamoe.text.phones import SYLLABLE, PhoneSeq
from tests.factory import tiny_bundle, tiny_voice

QUICK = SynthesisOptions(steps=2)


@pytest.fixture(scope="module")
def synthesizer(tmp_path_factory):
    return Synthesizer.from_bundle(tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny"))


def test_a_voice_says_when_it_joins_in(tmp_path, monkeypatch):
    folder = tiny_bundle(tmp_path / "tiny")
    late = replace(tiny_voice("late"), prompt_from=0.3)
    late.save(folder / "voices" / "late.safetensors")
    synthesizer = Synthesizer.from_bundle(folder)
    told: list[float] = []
    solve = Sampling.solve
    monkeypatch.setattr(
        Sampling, "solve", lambda self, *rest: told.append(self.prompt_from) or solve(self, *rest)
    )
    requests = [Request("你好", voice=name, options=QUICK) for name in ("late", "anna")]
    together = synthesizer.batch(requests)
    assert sorted(told) == [0.0, 0.3]
    alone = synthesizer("你好", voice="late", options=QUICK)
    assert np.abs(alone.wave - together[0].wave).max() < 1e-3


def test_speech_and_timing_agree(synthesizer):
    speech = synthesizer("今天天气很好，我们出去走走。", "putonghua", options=QUICK)
    assert speech.sample_rate == 24_000 and np.isfinite(speech.wave).all()
    assert speech.timing[-1].end == pytest.approx(len(speech.mel) * 256 / 24_000)
    ends = [t.end for t in speech.timing]
    assert ends == sorted(ends)
    spoken = [t for t in speech.phones.tokens if t != SYLLABLE]
    assert [t.token for t in speech.timing if t.token in spoken]


def test_the_seed_decides(synthesizer):
    seq = PhoneSeq.parse("n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯ 。", "putonghua")
    waves = [
        synthesizer.speak_phones(seq, options=SynthesisOptions(steps=2, seed=s)).wave
        for s in (3, 3, 4)
    ]
    assert np.array_equal(waves[0], waves[1])
    assert not np.array_equal(waves[0], waves[2])


def test_a_voice_keeps_its_tempo_in_another_dialect(synthesizer):
    seq = Frontend("german")("Guten Morgen.")
    planner = synthesizer.planner
    usual = replace(tiny_voice(), pace=dialect_pace("putonghua"))
    slow = replace(usual, pace=usual.pace + math.log(2))
    assert torch.equal(planner.durations(seq, usual, 1.0), planner.durations(seq, None, 1.0))
    assert planner.durations(seq, slow, 1.0).sum() > planner.durations(seq, usual, 1.0).sum()
    assert dialect_pace("german") < dialect_pace("putonghua")


def test_a_word_alone_is_said_as_slowly_as_the_prompt():
    voice = tiny_voice()
    reader = replace(voice, pace=voice.prompt_pace - 0.5)
    paces = [speaking_pace(reader, "putonghua", n) for n in (1, 2, 4, SENTENCE, 30)]
    assert paces[0] - paces[-1] == pytest.approx(0.5)
    assert paces == sorted(paces, reverse=True) and len(set(paces)) == 4
    brisk = replace(voice, pace=voice.prompt_pace + 0.5)
    assert speaking_pace(brisk, "putonghua", 1) == speaking_pace(brisk, "putonghua")


@pytest.mark.parametrize("speed", [0.5, 0.8, 2.0])
def test_speed_divides_the_time(synthesizer, speed):
    seq = Frontend("putonghua")("今天天气很好，我们出去走走。")
    usual, other = (int(synthesizer.planner.durations(seq, None, s).sum()) for s in (1.0, speed))
    assert other == pytest.approx(usual / speed, abs=2)


def test_the_prompt_is_not_in_the_output(synthesizer):
    """The voice's own frames are cut off exactly: as many frames as the durations say."""
    seq = PhoneSeq.parse("n ˈiᴹᴸ 。", "putonghua")
    speech = synthesizer.speak_phones(seq, "anna", QUICK)
    frames = round(sum(t.end - t.start for t in speech.timing) * 24_000 / 256)
    assert len(speech.mel) == frames


def test_the_prompt_has_no_part_in_the_text(synthesizer):
    """Routing and framed text of the target are the same after no, a short and a long prompt."""
    seq = PhoneSeq.parse("n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯ 。", "putonghua")
    durations = torch.full((1, len(seq) + 2), 3)
    frames = int(durations.sum())
    short = tiny_voice()
    phones = PhoneSeq(short.phones.tokens * 2, "chengdu")
    once = short.durations[1:-1]
    doubled = torch.cat((short.durations[:1], once, once, short.durations[-1:]))
    mel = torch.zeros(int(doubled.sum()), 100)
    longer = replace(short, phones=phones, durations=doubled, mel=mel)
    alone, first, second = (
        synthesizer.planner.conditioning(seq, durations, voice).text
        for voice in (None, short, longer)
    )
    assert alone.shape[1] == frames < first.shape[1] < second.shape[1]
    assert torch.equal(alone, first[:, -frames:]) and torch.equal(alone, second[:, -frames:])


def test_a_voice_is_encoded_once_and_never_taken_for_another(synthesizer):
    """Two voices of one name are two; what is kept is what would be computed."""
    planner, voice = Synthesizer(synthesizer.bundle).planner, tiny_voice()
    other = replace(voice, mel=voice.mel + 1.0)
    seq = PhoneSeq.parse("n ˈiᴹᴸ 。", "putonghua")
    durations = torch.full((1, len(seq) + 2), 3)
    first, again = (planner.conditioning(seq, durations, voice) for _ in range(2))
    assert torch.equal(first.text, again.text) and torch.equal(first.prompt, again.prompt)
    assert not torch.equal(first.prompt, planner.conditioning(seq, durations, other).prompt)
    fresh = Synthesizer(synthesizer.bundle).planner.conditioning(seq, durations, voice)
    assert torch.equal(first.text, fresh.text)


def test_long_text_is_spoken_in_pieces(synthesizer):
    options = SynthesisOptions(steps=1, chunk_seconds=2.0)
    seq = PhoneSeq.parse("n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯ ， | " * 12 + "n ˈiᴹᴸ 。", "putonghua")
    pieces = list(phone_pieces(seq, 22))
    assert len(pieces) > 2
    assert sum((u.tokens for p in pieces for u in p.units), ()) == seq.tokens
    speech = synthesizer.speak_phones(seq, options=options)
    assert speech.timing[-1].end == pytest.approx(len(speech.mel) * 256 / 24_000)


@pytest.mark.parametrize(
    ("text", "dialect", "error"),
    [
        ("", "putonghua", EmptyText),
        ("。，！", "putonghua", EmptyText),
        ("你好", "klingon", UnknownDialect),
        ("你好\u0436", "putonghua", UnreadableText),
        ("你好щ", "chengdu", UnreadableText),
    ],
)
def test_bad_text_is_named(synthesizer, text, dialect, error):
    with pytest.raises(error):
        synthesizer(text, dialect, options=QUICK)


def test_unknown_voice_lists_the_known_ones(synthesizer):
    with pytest.raises(UnknownVoice, match="anna"):
        synthesizer("你好", voice="bob", options=QUICK)


def test_lower_precision_says_the_same(synthesizer):
    text, bundle = "我们出去走走。", synthesizer.bundle
    exact, lower = (
        Synthesizer(bundle, precision=precision)(text, options=QUICK)
        for precision in ("32", "bf16")
    )
    away = np.abs(exact.mel - lower.mel).mean()
    assert exact.timing == lower.timing and 0 < away < 0.05 * exact.mel.std()
    with pytest.raises(ConfigError, match="auto, 32, bf16, found 'half'"):
        Synthesizer(bundle, precision="half")


@pytest.mark.parametrize("setting", [{"steps": 0}, {"speed": 0}, {"speed": float("nan")}])
def test_impossible_options_are_refused(setting):
    with pytest.raises(ConfigError, match="must lie between"):
        SynthesisOptions(**setting)


def test_a_mix_is_heard_and_the_text_is_read_in_its_dialect(synthesizer):
    """A mix of the text's own dialect alone is that dialect; another is told, in the same words."""
    own, same, other = (
        synthesizer("我们出去走走。", "chengdu", options=replace(QUICK, mix=mix))
        for mix in (None, "chengdu=2", "chengdu=0.5,putonghua=0.5")
    )
    assert own.phones == same.phones == other.phones
    assert own.timing == same.timing and np.abs(own.mel - same.mel).max() < 1e-3
    seq = PhoneSeq.parse("n ˈiᴹᴸ 。", "chengdu")
    durations = torch.full((1, len(seq) + 2), 3)
    texts = [
        synthesizer.planner.conditioning(seq, durations, None, mix).text
        for mix in (None, "chengdu=1", "chengdu=1,putonghua=1", "putonghua=1")
    ]
    assert torch.allclose(texts[0], texts[1], atol=1e-5)
    assert not torch.allclose(texts[0], texts[2], atol=1e-5)
    assert not torch.allclose(texts[2], texts[3], atol=1e-5)


@pytest.mark.parametrize(
    ("mix", "error"), [("klingon=1", UnknownDialect), ("chengdu=-1", ConfigError)]
)
def test_a_mix_that_is_none_is_named(mix, error):
    with pytest.raises(error):
        SynthesisOptions(mix=mix)


def test_peaks_are_limited_and_quiet_sound_is_left():
    assert np.abs(limit_peaks(np.array([2.0, -4.0]))).max() <= 0.95
    assert limit_peaks(np.array([0.1]))[0] == pytest.approx(0.1)


def test_a_batch_says_what_each_would_alone(synthesizer):
    texts = ("你好。", "我们出去走走，好不好？", "好。")
    together = synthesizer.batch([Request(t, options=QUICK) for t in texts])
    for text, speech in zip(texts, together, strict=True):
        alone = synthesizer(text, options=QUICK)
        assert speech.timing == alone.timing and speech.words == alone.words
        assert np.array_equal(speech.mel, alone.mel)
        assert np.abs(speech.wave - alone.wave).max() < 1e-3
    again = synthesizer.batch([Request(t, options=QUICK) for t in texts])
    assert all(np.array_equal(a.wave, b.wave) for a, b in zip(together, again, strict=True))
