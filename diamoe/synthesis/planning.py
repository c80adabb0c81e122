"""From phones to what the solver needs: how long each is, and the conditioning."""

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from diamoe.audio.mel import MelConfig
from diamoe.bundle import Bundle
from diamoe.errors import BundleError
from diamoe.flow.matching import AcousticModel
from diamoe.flow.released import ReleasedModel
from diamoe.model.adapters import AdapterRef, current_adapters, dialect_id
from diamoe.model.dit import Conditioning
from diamoe.model.mix import mix_weights, parse_mix
from diamoe.released.vocabulary import ReleasedVocabulary
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

KEPT_PROMPTS = 32
"""Voices whose prompts are kept encoded."""
SENTENCE = 6
"""Syllables from which on a text is spoken at the pace of sentences."""


class Planner(Protocol):
    """What a kind of model makes of a phone sequence, in its dialect or in a `mix`."""

    def durations(
        self, seq: PhoneSeq, voice: Voice | None, speed: float, mix: str | None = None
    ) -> Tensor:
        """Frames of every token of `seq.with_edges()`, (1, tokens)."""

    def conditioning(
        self, seq: PhoneSeq, durations: Tensor, voice: Voice | None, mix: str | None = None
    ) -> Conditioning:
        """The voice's prompt in its own dialect, then `seq` over its `durations` (1, tokens)."""


def planner(bundle: Bundle) -> Planner:
    """The planner of a bundle's model.

    Raises:
        BundleError: the model's vocabulary has no phones.
    """
    model, vocabulary = bundle.model, bundle.vocabulary
    if isinstance(model, AcousticModel) and isinstance(vocabulary, PhoneVocabulary):
        return PhonePlanner(model, vocabulary)
    if not isinstance(model, ReleasedModel) or not isinstance(vocabulary, ReleasedVocabulary):
        raise BundleError("the bundle's model and vocabulary are not of one kind")
    if not vocabulary.has_phones:
        raise BundleError(
            "this imported model reads characters and pinyin: its vocabulary has no phones in "
            "brackets, so it cannot speak dialects"
        )
    return ReleasedPlanner(model, vocabulary)


def encoded(
    vocabulary: PhoneVocabulary, seq: PhoneSeq, device: torch.device, mix: str | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Ids and mask (1, tokens) of a sequence with its edges, and its dialect's id (1,), or the
    weights (1, dialects) of a mix."""
    ids = torch.tensor([vocabulary.encode(seq.with_edges())], device=device)
    if mix is not None:
        dialect = mix_weights(parse_mix(mix))
    else:
        dialect = torch.tensor([dialect_id(seq.dialect)])
    return ids, torch.ones_like(ids, dtype=torch.bool), dialect.to(device)


def _place(model: torch.nn.Module) -> torch.device:
    """The device of a model."""
    return next(model.parameters()).device


def dialect_pace(code: str) -> float:
    """Mean log frames of a phone in running speech of a dialect."""
    return math.log(load_dialect(code).phone_ms / 1000 * MelConfig().frame_rate)


def speaking_pace(voice: Voice | None, dialect: str, syllables: int = SENTENCE) -> float:
    """Mean log frames of a phone where a voice speaks a dialect: as fast as the dialect is spoken,
    and as the voice is fast or slow in its own.

    A word alone is said slower than in a sentence: the fewer syllables, the nearer to the pace of
    the voice's prompt where that is slower, which a single syllable has.
    """
    if voice is None:
        return dialect_pace(dialect)
    own = voice.pace
    if syllables < SENTENCE:
        alone = 1 - math.log(max(1, syllables)) / math.log(SENTENCE)
        own += alone * max(0.0, voice.prompt_pace - voice.pace)
    return dialect_pace(dialect) + own - dialect_pace(voice.phones.dialect)


def predict_durations(
    model: AcousticModel | ReleasedModel,
    vocabulary: PhoneVocabulary,
    seq: PhoneSeq,
    voice: Voice | None,
    speed: float,
    mix: str | None = None,
) -> Tensor:
    """Frames of every token, (1, tokens), on the processor: as fast as the dialect is spoken, and
    as the voice is fast or slow in its own dialect."""
    ids, mask, dialect = encoded(vocabulary, seq, _place(model), mix)
    syllables = sum(not phones[0].is_pause for phones in seq.syllables())
    pace = torch.tensor([speaking_pace(voice, seq.dialect, syllables)], device=ids.device)
    sounding = model.sounding(ids, mask)
    return model.duration.predict(ids, mask, sounding, dialect, pace, speed).cpu()


class PhonePlanner:
    """Our own models: every phone has its frames, prompt and target are encoded apart.

    A voice's prompt is encoded once, so a planner is made anew for a model that has learnt more.
    """

    def __init__(self, model: AcousticModel, vocabulary: PhoneVocabulary):
        self.model, self.vocabulary = model, vocabulary
        self._prompts: dict[tuple[int, tuple[AdapterRef | None, ...]], _Prompt] = {}

    def durations(
        self, seq: PhoneSeq, voice: Voice | None, speed: float, mix: str | None = None
    ) -> Tensor:
        return predict_durations(self.model, self.vocabulary, seq, voice, speed, mix)

    def conditioning(
        self, seq: PhoneSeq, durations: Tensor, voice: Voice | None, mix: str | None = None
    ) -> Conditioning:
        text = self._text(seq, durations, mix)
        prompt = text.new_zeros(1, 0, self.model.config.model.n_mels)
        if voice is not None:
            own = self._prompt(voice)
            prompt, text = own.mel, torch.cat((own.text, text), dim=1)
        known = torch.arange(text.shape[1], device=text.device)[None] < prompt.shape[1]
        padding = (0, 0, 0, text.shape[1] - prompt.shape[1])
        return Conditioning(text, F.pad(prompt, padding), known, torch.ones_like(known))

    def _prompt(self, voice: Voice) -> "_Prompt":
        """What a voice brings, as the adapter in use has it."""
        key = (id(voice), current_adapters())
        found = self._prompts.get(key)
        if found is None:
            text = self._text(voice.phones, voice.durations.unsqueeze(0))
            mel = self.model.config.scale.normalise(voice.mel).unsqueeze(0).to(text.device)
            found = _Prompt(voice, text, mel)
            for oldest in list(self._prompts)[: len(self._prompts) + 1 - KEPT_PROMPTS]:
                self._prompts.pop(oldest, None)
            self._prompts[key] = found
        return found

    def _text(self, seq: PhoneSeq, durations: Tensor, mix: str | None = None) -> Tensor:
        """Framed text (1, frames, text_dim), encoded by itself: what stands beside it in the
        batch or before it as a prompt has no part in its routing."""
        ids, mask, dialect = encoded(self.vocabulary, seq, _place(self.model), mix)
        hidden, _ = self.model.dit.encode_text(ids, mask, dialect)
        durations = durations.to(ids.device)
        frames = durations.sum(dim=1)
        laid = self.model.token_frames(ids, mask, frames, durations)
        return self.model.dit.frame_text(hidden, laid, mask.new_ones(1, int(frames)))


@dataclass(frozen=True)
class _Prompt:
    """A voice (kept, so that its id is no other's), its framed text (1, frames, text_dim) and its
    normalised mel (1, frames, n_mels)."""

    voice: Voice
    text: Tensor
    mel: Tensor


class ReleasedPlanner:
    """Imported models: one text for prompt and target, one frame a token, then filler.

    Durations give the length of the whole; within it the model places phones as it likes, so a
    phone's own times are an estimate. The gate sees the target's text alone, as the original has
    it when it speaks.
    """

    def __init__(self, model: ReleasedModel, vocabulary: ReleasedVocabulary):
        self.model, self.vocabulary = model, vocabulary

    def durations(
        self, seq: PhoneSeq, voice: Voice | None, speed: float, mix: str | None = None
    ) -> Tensor:
        """As predicted, and no fewer frames than the text needs; what lacks is added at the end.

        Raises:
            BundleError: a mix is asked for.
        """
        _refuse(mix)
        durations = predict_durations(self.model, self.model.phones, seq, voice, speed)
        ids, _ = self._ids(seq, voice)
        frames = int(durations.sum()) + (0 if voice is None else len(voice.mel))
        durations[0, -1] += max(0, len(ids) + 1 - frames)
        return durations

    def conditioning(
        self, seq: PhoneSeq, durations: Tensor, voice: Voice | None, mix: str | None = None
    ) -> Conditioning:
        _refuse(mix)
        ids, gate_from = self._ids(seq, voice)
        prompt = torch.zeros(1, 0, self.model.dit.config.n_mels)
        if voice is not None:
            prompt = self.model.config.scale.normalise(voice.mel).unsqueeze(0)
        frames, place = prompt.shape[1] + int(durations.sum()), _place(self.model)
        text = torch.tensor([ids], device=place)
        return self.model.dit.condition(text, prompt.to(place), frames, gate_from=gate_from)

    def _ids(self, seq: PhoneSeq, voice: Voice | None) -> tuple[list[int], int]:
        """Ids of prompt and target, and how many of them are the prompt's."""
        if voice is None:
            return self.vocabulary.encode(seq), 0
        both = PhoneSeq((*voice.phones.tokens, *seq.tokens), seq.dialect)
        ids = self.vocabulary.encode(both)
        return ids, len(ids) - len(self.vocabulary.encode(seq))


def _refuse(mix: str | None) -> None:
    if mix is not None:
        raise BundleError(f"mix {mix!r}: this imported model is told no dialect, so it mixes none")
