"""Words and syllables of one speaker joined to longer utterances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus_tools.audio.background import fade, make_background
from corpus_tools.audio.cleaning import FADE, SAMPLE_RATE
from corpus_tools.labels import COMMA, FULL_STOP, bare, join_phones
from corpus_tools.members import Member, seconds
from corpus_tools.settings import JoinSettings
from diamoe.text.phones import PhoneSeq


@dataclass(frozen=True)
class Word:
    """One member inside an utterance: its phones, and its trimmed sound's place in seconds."""

    phones: str
    start: float
    end: float


@dataclass(frozen=True)
class Joined:
    """An utterance: sound (samples,), text, phones and the members' places in it."""

    wave: np.ndarray
    text: str
    phones: PhoneSeq
    words: tuple[Word, ...]
    spelt: tuple[tuple[str, int], ...] = ()
    """The words of the text and how many syllables each has."""


@dataclass(frozen=True)
class Plan:
    """Which members make an utterance, and the pauses between their speech, seconds."""

    members: tuple[Member, ...]
    pauses: tuple[float, ...]

    def phones(self, settings: JoinSettings) -> PhoneSeq:
        """What it sounds like: pauses long enough are heard as commas."""
        if len(self.members) == 1:
            return self.members[0].phones
        commas = [pause >= settings.comma for pause in self.pauses]
        return join_phones([m.phones for m in self.members], commas)


def plan_singles(members: Sequence[Member]) -> Iterator[Plan]:
    """Every recording an utterance of its own."""
    for member in members:
        yield Plan((member,), ())


def plan_joins(
    members: Sequence[Member], settings: JoinSettings, rng: np.random.Generator
) -> Iterator[Plan]:
    """Draw utterances: every recording once a pass, with others of its speaker or alone.

    Recordings as long as the shortest utterance wanted, and a share of the others, stay alone.
    """
    speakers: dict[str, list[Member]] = {}
    for member in members:
        speakers.setdefault(member.utterance.speaker, []).append(member)
    for _ in range(settings.passes):
        for speaker in sorted(speakers):
            yield from _plan_speaker(speakers[speaker], settings, rng)


def _plan_speaker(
    members: list[Member], settings: JoinSettings, rng: np.random.Generator
) -> Iterator[Plan]:
    group: list[Member] = []
    pauses: list[float] = []
    length, target = 0.0, rng.uniform(*settings.seconds)
    for index in rng.permutation(len(members)):
        member = members[index]
        alone = rng.random() < settings.single
        if alone or member.duration >= settings.seconds[0]:
            yield Plan((member,), ())
            continue
        pause = _draw_pause(settings, rng)
        spoken = member.end - member.start
        if group and length + pause + spoken > target:
            yield Plan(tuple(group), tuple(pauses))
            group, pauses = [], []
            length, target = 0.0, rng.uniform(*settings.seconds)
        if group:
            pauses.append(pause)
            length += pause + spoken
        else:
            length = member.duration
        group.append(member)
    if group:
        yield Plan(tuple(group), tuple(pauses))


def _draw_pause(settings: JoinSettings, rng: np.random.Generator) -> float:
    close = rng.random() < settings.close_share
    return float(rng.uniform(*(settings.close if close else settings.pause)))


def make_utterance(plan: Plan, settings: JoinSettings, rng: np.random.Generator) -> Joined:
    """Put an utterance's sound, phones and word places together."""
    if len(plan.members) == 1:
        return _single(plan.members[0])
    commas = [pause >= settings.comma for pause in plan.pauses]
    wave, places = _join_sound(plan, rng)
    words = tuple(
        Word(" ".join(bare(m.phones.tokens)), seconds(first), seconds(last))
        for m, (first, last) in zip(plan.members, places, strict=True)
    )
    texts = [m.text for m in plan.members]
    gap = " " if plan.members[0].utterance.romanised else ""
    text = texts[0].rstrip(FULL_STOP)
    for comma, following in zip(commas, texts[1:], strict=True):
        text += (COMMA if comma else gap) + following.rstrip(FULL_STOP)
    spelt = tuple(word for m in plan.members for word in m.words)
    return Joined(wave, text, plan.phones(settings), words, spelt)


def _single(member: Member) -> Joined:
    wave, _ = member.sound.load()
    word = Word(" ".join(bare(member.phones.tokens)), 0.0, seconds(len(wave)))
    return Joined(wave, member.text, member.phones, (word,), member.words)


def _join_sound(plan: Plan, rng: np.random.Generator) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The members' sound with background between, all edges faded.

    A pause is shared by its neighbours' own margins as far as they reach; what is left between
    is filled with the left neighbour's background, whose faded ends lie over the margins'.

    Returns:
        samples, and for each member its first and last sample in them.
    """
    ramp = round(FADE * SAMPLE_RATE)
    pieces: list[tuple[int, np.ndarray]] = []
    places: list[tuple[int, int]] = []
    position = 0
    for i, member in enumerate(plan.members):
        wave, noise = member.sound.load()
        before = plan.pauses[i - 1] / 2 if i else member.start
        after = plan.pauses[i] / 2 if i < len(plan.pauses) else member.duration - member.end
        first = max(0, round((member.start - before) * SAMPLE_RATE))
        last = min(len(wave), round((member.end + after) * SAMPLE_RATE))
        lead = max(0, round((before - member.start) * SAMPLE_RATE))
        trail = max(0, round((after - (member.duration - member.end)) * SAMPLE_RATE))
        if lead:
            filler = make_background(noise, lead + 2 * ramp, rng)
            pieces.append((position - ramp, fade(filler, ramp)))
        position += lead
        pieces.append((position, fade(wave[first:last], ramp)))
        places.append((position, position + last - first))
        position += last - first
        if trail:
            filler = make_background(noise, trail + 2 * ramp, rng)
            pieces.append((position - ramp, fade(filler, ramp)))
        position += trail
    out = np.zeros(position, np.float32)
    for start, piece in pieces:
        out[start : start + len(piece)] += piece[: position - start]
    return out, places
