"""Speak a phone string: syllables of espeak-ng, re-timed, with the dialect's tones laid on."""

from dataclasses import dataclass, replace

import numpy as np

from corpus_tools.teacher.intonation import intonation
from corpus_tools.teacher.syllable import (
    FRAME,
    N_FFT,
    SAMPLE_RATE,
    SyllableSound,
    analyse_syllable,
    find_nucleus,
)
from corpus_tools.teacher.timing import (
    SENTENCE_MARKS,
    is_weak,
    pause_seconds,
    syllable_seconds,
    to_frames,
)
from corpus_tools.teacher.tune import Melody, draw_f0
from corpus_tools.teacher.voice import TeacherVoice
from diamoe.errors import EmptyText
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PAUSE, Phone, PhoneSeq
from diamoe.text.tones import contours

LEVEL = -23.0
"""Loudness of the speech, dBFS RMS over the sounding frames."""
PEAK = 0.94
"""Largest sample ever written."""
_SILENCE = -28.0
_HOP = round(FRAME * SAMPLE_RATE)


@dataclass(frozen=True)
class TeacherSpeech:
    """What was said: mono float32 samples (n,) at 24 kHz and the time of every token.

    `alignment` holds (token, start, duration) in seconds: `_`, every token except `|`, `_`,
    without gaps, over the whole recording.
    """

    samples: np.ndarray
    alignment: tuple[tuple[str, float, float], ...]
    sample_rate: int = SAMPLE_RATE

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate


@dataclass
class _Score:
    """Frames of an utterance under construction, piece by piece."""

    envelope: list[np.ndarray]
    aperiodicity: list[np.ndarray]
    voiced: list[np.ndarray]
    frames: int = 0

    def add(self, envelope: np.ndarray, aperiodicity: np.ndarray, voiced: np.ndarray) -> None:
        self.envelope.append(envelope)
        self.aperiodicity.append(aperiodicity)
        self.voiced.append(voiced)
        self.frames += len(voiced)

    def add_silence(self, frames: int, bands: int) -> None:
        self.add(
            np.full((frames, N_FFT // 2 + 1), _SILENCE, np.float32),
            np.zeros((frames, bands), np.float32),
            np.zeros(frames, bool),
        )


def speak(seq: PhoneSeq, voice: TeacherVoice, seed: int = 0) -> TeacherSpeech:
    """Speak a phone string: with its tones, of a language without any with its stresses.

    `seed` draws the small accidents of an utterance: rate, register, timbre, pauses. The same
    seed gives the same samples.

    Raises:
        EmptyText: the sequence holds no phone.
        UnmappedPhone: a phone has no sound.
        TeacherError: a tone or a syllable is not speakable.
    """
    random = np.random.default_rng(seed)
    groups = [g for g in seq.syllables() if g[0].segment != PAUSE]
    if all(g[0].is_pause for g in groups):
        raise EmptyText(f"nothing to speak in {str(seq)!r}")
    spoken = _vary(voice, random)
    dialect = load_dialect(seq.dialect)
    tonal = bool(dialect.tones)
    melodic = contours(groups, dialect) if tonal else intonation(groups)
    score = _Score([], [], [])
    times: list[tuple[str, int, int]] = []
    melodies: list[Melody] = []
    first = analyse_syllable(_segments(_first(groups)), voice.variant, not tonal)
    bands = first.aperiodicity.shape[1]
    _rest(score, times, PAUSE, to_frames(random.uniform(0.08, 0.2)), bands)
    sentence = 0
    for index, phones in enumerate(groups):
        before_pause = index + 1 == len(groups) or groups[index + 1][0].is_pause
        if phones[0].is_pause:
            last = all(g[0].is_pause for g in groups[index:])
            length = 0 if last else to_frames(pause_seconds(phones[0].segment, random))
            _rest(score, times, phones[0].token, length, bands)
            sentence += phones[0].segment in SENTENCE_MARKS
            continue
        sound = analyse_syllable(_segments(phones), voice.variant, not tonal)
        weak = is_weak(phones, tonal)
        start = _place(score, times, phones, sound, weak, spoken.rate, before_pause, random)
        melodies.append(Melody(melodic[index], start, score.frames, sentence))
    _rest(score, times, PAUSE, to_frames(random.uniform(0.1, 0.25)), bands)
    wave = _render(score, melodies, spoken, random)
    alignment = tuple((t, round(s * FRAME, 6), round(n * FRAME, 6)) for t, s, n in times)
    return TeacherSpeech(wave, alignment)


def _first(groups: list[tuple[Phone, ...]]) -> tuple[Phone, ...]:
    return next(g for g in groups if not g[0].is_pause)


def _segments(phones: tuple[Phone, ...]) -> tuple[str, ...]:
    return tuple(p.segment for p in phones)


def _vary(voice: TeacherVoice, random: np.random.Generator) -> TeacherVoice:
    """The voice on one occasion: a little faster, higher or brighter."""
    register = random.uniform(0.97, 1.03)
    return replace(
        voice,
        low=voice.low * register,
        high=voice.high * register,
        formants=voice.formants * random.uniform(0.985, 1.015),
        rate=voice.rate * random.uniform(0.9, 1.1),
    )


def _rest(score: _Score, times: list[tuple[str, int, int]], token: str, frames: int, bands: int):
    times.append((token, score.frames, frames))
    score.add_silence(frames, bands)


def _place(
    score: _Score,
    times: list[tuple[str, int, int]],
    phones: tuple[Phone, ...],
    sound: SyllableSound,
    weak: bool,
    rate: float,
    before_pause: bool,
    random: np.random.Generator,
) -> int:
    """Append a syllable's frames; returns the frame where its rime (medial included) begins."""
    lengths = syllable_seconds(phones, before_pause, weak, sound.bursts)
    medial = find_nucleus(_segments(phones))
    while medial > 0 and phones[medial - 1].segment in ("j", "w", "ɥ"):
        medial -= 1
    rime = score.frames
    gain = (-0.5 if weak else 0.0) + random.normal(0, 0.12)
    for index, (phone, span, length) in enumerate(zip(phones, sound.spans, lengths, strict=True)):
        if index == medial:
            rime = score.frames
        frames = to_frames(length * random.uniform(0.92, 1.08) / rate)
        start, end = span
        if index == len(phones) - 1 and not before_pause and not sound.bursts:
            end = max(start + 1, end - 0.025 / FRAME)  # espeak-ng fades out the last phone
        envelope, aperiodicity, voiced = _stretch(sound, start, end, frames)
        envelope = envelope + gain + _nasal_gain(phones, index, frames)
        times.append((phone.token, score.frames, frames))
        score.add(envelope.astype(np.float32), aperiodicity, voiced)
    return rime


def _stretch(sound: SyllableSound, start: float, end: float, frames: int):
    """Frames of a span of a syllable, resampled in time to a number of frames."""
    at = start + (np.arange(frames) + 0.5) / frames * (end - start)
    at = np.clip(at, 0, len(sound.voiced) - 1.001)
    low = at.astype(int)
    part = (at - low)[:, None].astype(np.float32)
    envelope = sound.envelope[low] * (1 - part) + sound.envelope[low + 1] * part
    aperiodicity = sound.aperiodicity[low] * (1 - part) + sound.aperiodicity[low + 1] * part
    return envelope, aperiodicity, sound.voiced[np.round(at).astype(int)]


def _nasal_gain(phones: tuple[Phone, ...], index: int, frames: int) -> np.ndarray | float:
    """Log-power change that makes a vowel nasal: a pole near 270 Hz, a zero near 750 Hz."""
    segments = _segments(phones)
    if "˜" not in segments:
        return 0.0
    mark = segments.index("˜")
    if index == mark:
        amount = np.linspace(0.7, 1.0, frames) if mark > 0 else np.ones(frames)
    elif index == mark - 1:
        amount = np.linspace(0.0, 0.7, frames)
    elif index == mark + 1 and mark < find_nucleus(segments):
        amount = np.full(frames, 0.9)
    else:
        return 0.0
    hz = np.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    pole = 1.2 * np.exp(-(((hz - 270) / 130) ** 2))
    zero = -3.0 * np.exp(-(((hz - 750) / 260) ** 2))
    high = -0.9 / (1 + np.exp(-(hz - 2200) / 300))
    return amount[:, None] * (pole + zero + high)[None, :]


def _join(envelope: np.ndarray, voiced: np.ndarray, boundaries: list[int]) -> None:
    """Smooth the spectrum over 30 ms where two voiced syllables meet, in place."""
    reach = 3
    for at in boundaries:
        low, high = at - reach, at + reach
        if low < 1 or high >= len(voiced) or not voiced[low : high + 1].all():
            continue
        weight = np.linspace(0, 1, high - low + 1, dtype=np.float32)[:, None]
        envelope[low : high + 1] = envelope[low] * (1 - weight) + envelope[high] * weight


def _render(
    score: _Score, melodies: list[Melody], voice: TeacherVoice, random: np.random.Generator
) -> np.ndarray:
    """Samples (frames * 120,) float32 of the frames with their melody."""
    import pyworld

    envelope = np.concatenate(score.envelope)
    voiced = np.concatenate(score.voiced)
    _join(envelope, voiced, [m.end for m in melodies])
    bins = np.arange(envelope.shape[1])
    source = np.clip(bins / voice.formants, 0, envelope.shape[1] - 1.001)
    low = source.astype(int)
    part = (source - low).astype(np.float32)
    envelope = envelope[:, low] * (1 - part) + envelope[:, low + 1] * part
    tilt = random.uniform(-0.35, 0.35) * np.log2(np.maximum(bins, 8) / 43)
    power = np.ascontiguousarray(np.exp(envelope.astype(np.float64) + tilt))
    noise = pyworld.decode_aperiodicity(
        np.concatenate(score.aperiodicity).astype(np.float64), SAMPLE_RATE, N_FFT
    )
    f0 = np.where(voiced, draw_f0(melodies, score.frames, voice), 0.0)
    wave = pyworld.synthesize(f0, power, noise, SAMPLE_RATE, FRAME * 1000)
    samples = np.zeros(score.frames * _HOP)
    count = min(len(wave), len(samples))
    samples[:count] = wave[:count]
    return _level(samples, random)


def _level(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Bring the sounding part to the wanted loudness, within the peak."""
    frames = samples.reshape(-1, _HOP)
    power = (frames**2).mean(axis=1)
    sounding = power > power.max() * 1e-4
    rms = np.sqrt(power[sounding].mean())
    gain = 10 ** ((LEVEL + random.uniform(-1, 1)) / 20) / rms
    gain = min(gain, PEAK / np.abs(samples).max())
    return (samples * gain).astype(np.float32)
