"""Utterances of prepared corpora, their log-mels in memory, and batches of them."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from lhotse.cut import Cut
from torch import Tensor
from tqdm import tqdm

from diamoe.audio.augment import Change, scale_times
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.corpus import cut_speaker, open_corpus
from diamoe.errors import CorpusError
from diamoe.recogniser.alignment import Member, PhoneTime
from diamoe.recogniser.codec import CODECS, through_codec
from diamoe.recogniser.labels import BLANK, SegmentLabels, is_sounding
from diamoe.recogniser.model import STRIDE, Bands
from diamoe.text.phones import PhoneSeq, parse_phone

IGNORED = -1
"""Frame class of frames that no phone is known for."""


@dataclass(frozen=True)
class Utterance:
    """What the recogniser needs of one cut."""

    name: str
    speaker: str
    """Who speaks, and through what; empty where it is not known."""
    seq: PhoneSeq
    seconds: float
    mel: np.ndarray
    """Log-mel, half floats: (frames, n_mels)."""
    members: tuple[Member, ...] = ()
    times: tuple[PhoneTime, ...] = ()
    """Known phone times; empty if there are none."""


@dataclass(frozen=True)
class Batch:
    """Utterances of about one length."""

    utterances: tuple[Utterance, ...]
    mel: Tensor
    """(batch, frames, n_mels)"""
    frames: Tensor
    """(batch,)"""


def read_utterance(cut: Cut, log_mel: LogMel, codec: str = "") -> Utterance:
    """Phones, log-mel (through a codec of `CODECS`) and what is known of their times.

    Raises:
        CorpusError: the cut has no phones.
    """
    supervision = cut.supervisions[0]
    custom = supervision.custom or {}
    if "phones" not in custom:
        raise CorpusError(f"{cut.id}: no phones in the cut's supervision")
    samples = cut.load_audio().mean(0)
    if codec:
        samples = through_codec(samples, cut.sampling_rate, codec)
    wave = torch.from_numpy(samples)[None]
    items = (supervision.alignment or {}).get("phone", ())
    speaker = cut_speaker(cut)
    return Utterance(
        cut.id,
        f"{speaker} {codec}" if speaker and codec else speaker,
        PhoneSeq.parse(custom["phones"], supervision.language),
        cut.duration,
        log_mel(wave)[0].half().numpy(),
        tuple(Member(*word) for word in custom.get("words") or ()),
        # Times this package has estimated are no better than the ones it would estimate now.
        tuple(PhoneTime(i.symbol, i.start, i.duration) for i in items)
        if "align_score" not in custom
        else (),
    )


def read_corpora(
    folders: Sequence[str | Path],
    limit: int = 0,
    longest: float = 15.0,
    progress: bool = True,
    codec: float = 0.0,
) -> list[Utterance]:
    """All utterances of the corpora that are not `longest` seconds or longer.

    `limit`: so many of each at most; 0 for all. `codec`: share of them that pass through one.
    """
    log_mel = LogMel(MelConfig())
    draw = random.Random(0)
    utterances: list[Utterance] = []
    for folder in folders:
        count = 0
        for cut in tqdm(open_corpus(folder), desc=Path(folder).name, disable=not progress):
            if cut.duration < longest:
                through = draw.choice(list(CODECS)) if draw.random() < codec else ""
                utterances.append(read_utterance(cut, log_mel, through))
                count += 1
            if limit and count >= limit:
                break
    return utterances


def speaker_bands(utterances: Sequence[Utterance]) -> list[Bands]:
    """What the bands of each utterance's speaker usually are; of an unknown one, its own."""
    known = {
        speaker: Bands.of(torch.from_numpy(u.mel) for u in own)
        for speaker, own in _by_speaker(utterances).items()
    }
    return [known.get(u.speaker) or Bands.of([torch.from_numpy(u.mel)]) for u in utterances]


def speaker_frames(utterances: Sequence[Utterance], count: int, seed: int) -> dict[str, Tensor]:
    """So many frames of every known speaker, drawn from all his speech: (count, n_mels) each."""
    draw, found = np.random.default_rng(seed), {}
    for speaker, own in _by_speaker(utterances).items():
        ends = np.cumsum([len(u.mel) for u in own])
        places = draw.integers(ends[-1], size=count)
        rows = np.searchsorted(ends, places, side="right")
        frames = [own[row].mel[place - ends[row]] for row, place in zip(rows, places, strict=True)]
        found[speaker] = torch.from_numpy(np.stack(frames)).float()
    return found


def _by_speaker(utterances: Sequence[Utterance]) -> dict[str, list[Utterance]]:
    found: dict[str, list[Utterance]] = {}
    for utterance in utterances:
        if utterance.speaker:
            found.setdefault(utterance.speaker, []).append(utterance)
    return found


def known_labels(utterance: Utterance, labels: SegmentLabels, frames: int) -> np.ndarray:
    """Class of every output frame from known phone times: (frames,)."""
    mel = MelConfig()
    classes = np.full(frames, IGNORED, np.int64)
    centres = np.arange(frames) * STRIDE / mel.frame_rate
    for item in utterance.times:
        phone = parse_phone(item.symbol)
        label = labels.classify(phone, utterance.name)
        if label == BLANK and not phone.is_pause and not is_sounding(phone):
            label = IGNORED
        classes[(centres >= item.start) & (centres < item.start + item.duration)] = label
    return classes


def even_labels(utterance: Utterance, labels: SegmentLabels, frames: int) -> np.ndarray:
    """A guess at the class of every frame, to start from: each member's phones spread evenly.

    Members are recordings with a tenth of a second of silence about them. Without members
    nothing is guessed. Returns (frames,).
    """
    if not utterance.members:
        return np.full(frames, IGNORED, np.int64)
    classes = np.full(frames, BLANK, np.int64)
    rate = MelConfig().frame_rate / STRIDE
    for member in utterance.members:
        seq = PhoneSeq.parse(member.phones, utterance.seq.dialect)
        margin = min(0.1, 0.2 * (member.end - member.start))
        own = labels.encode(seq)
        edges = np.linspace(member.start + margin, member.end - margin, len(own) + 1) * rate
        bounds = edges.round().astype(int)
        for label, first, last in zip(own, bounds[:-1], bounds[1:], strict=True):
            classes[first:last] = label
    return classes


def at_speed(utterance: Utterance, speed: float) -> Utterance:
    """The same speech `speed` times as fast: log-mel, members and times."""
    frames = max(1, round(len(utterance.mel) / speed))
    mel = torch.from_numpy(utterance.mel).float().T[None]
    mel = torch.nn.functional.interpolate(mel, frames, mode="linear", align_corners=True)
    return replace(
        utterance,
        seconds=utterance.seconds / speed,
        mel=mel[0].T.numpy(),
        members=tuple(Member(m.phones, m.start / speed, m.end / speed) for m in utterance.members),
        times=tuple(
            PhoneTime(*t) for t in scale_times(map(astuple, utterance.times), Change(speed))
        ),
    )


def collate(utterances: Sequence[Utterance]) -> Batch:
    """Pad log-mels to one length."""
    mels = [torch.from_numpy(u.mel).float() for u in utterances]
    frames = torch.tensor([len(m) for m in mels])
    padded = torch.nn.utils.rnn.pad_sequence(mels, batch_first=True)
    return Batch(tuple(utterances), padded, frames)


def plan_batches(lengths: Sequence[int], max_frames: int, seed: int) -> list[list[int]]:
    """Indices in batches of like lengths, at most `max_frames` with padding, in random order.

    >>> sorted(map(len, plan_batches([10, 10, 10, 40], 40, seed=0)))
    [1, 3]
    """
    rng = random.Random(seed)
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] * rng.uniform(0.9, 1.1))
    batches: list[list[int]] = []
    longest = 0
    for i in order:
        longest = max(longest, lengths[i])
        if not batches or longest * (len(batches[-1]) + 1) > max_frames:
            batches.append([])
            longest = lengths[i]
        batches[-1].append(i)
    rng.shuffle(batches)
    return batches


def iterate_batches(
    utterances: Sequence[Utterance],
    max_frames: int,
    seed: int,
    start: int = 0,
    speed: float = 0.0,
) -> Iterator[Batch]:
    """Epoch after epoch, from batch `start` on; a batch depends on its number and `seed` only.

    `speed`: by how much utterances are faster or slower at most, 0.1 for a tenth.

    Raises:
        CorpusError: there is no utterance.
    """
    if not utterances:
        raise CorpusError("no utterance to train on: the corpora are empty")
    lengths = [len(u.mel) for u in utterances]
    number, epoch = 0, 0
    while True:
        for indices in plan_batches(lengths, max_frames, seed + epoch):
            if number >= start:
                draw = random.Random(f"{seed} {number}")
                chosen = [utterances[i] for i in indices]
                if speed:
                    chosen = [at_speed(u, (1 + speed) ** draw.uniform(-1, 1)) for u in chosen]
                yield collate(chosen)
            number += 1
        epoch += 1


def corpus_name(folder: str | Path) -> str:
    """The name in a corpus' card, or the folder's."""
    card = Path(folder) / "card.json"
    if not card.is_file():
        return Path(folder).name
    return str(json.loads(card.read_text(encoding="utf-8")).get("name", Path(folder).name))
