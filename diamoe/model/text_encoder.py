"""Phones to hidden vectors, and their layout over mel frames."""

from typing import Literal

import torch
from torch import Tensor, nn

from diamoe.model.layers import ConvNeXtBlock, sinusoidal
from diamoe.text.vocabulary import PhoneVocabulary

Layout = Literal["filler", "even", "duration"]
"""How phones meet frames: `filler` pads the phones to the frames (F5-TTS), `even` spreads them
evenly (ZipVoice's average upsampling), `duration` gives every phone its own time."""


class PhoneEmbedding(nn.Module):
    """Sum of a segment vector and a prosody vector, (batch, tokens) -> (batch, tokens, dim).

    A vowel shares its segment over all tones and a tone its prosody over all vowels, so a token
    that is rare, or unseen, in the data still means something.
    """

    segment_of: Tensor
    prosody_of: Tensor

    def __init__(self, vocabulary: PhoneVocabulary, dim: int):
        super().__init__()
        segment_of, prosody_of = vocabulary.factors()
        self.segment = nn.Embedding(len(vocabulary.segments), dim)
        self.prosody = nn.Embedding(len(vocabulary.prosodies), dim)
        self.register_buffer("segment_of", torch.tensor(segment_of), persistent=False)
        self.register_buffer("prosody_of", torch.tensor(prosody_of), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        return self.segment(self.segment_of[ids]) + self.prosody(self.prosody_of[ids])


class TextEncoder(nn.Module):
    """Phone ids -> hidden vectors, (batch, tokens) -> (batch, tokens, dim); padding stays zero."""

    def __init__(self, vocabulary: PhoneVocabulary, dim: int, depth: int):
        super().__init__()
        self.embedding = PhoneEmbedding(vocabulary, dim)
        self.blocks = nn.ModuleList(ConvNeXtBlock(dim) for _ in range(depth))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.embedding(ids) * mask.unsqueeze(-1)
        for block in self.blocks:
            x = block(x, mask)
        return x


class FrameLayout(nn.Module):
    """Lays hidden vectors of phones over frames and says where in its phone each frame stands.

    Every frame receives its phone's vector and its distance from both ends of that phone; frames
    after the last phone receive a learned filler.
    """

    features = 32

    def __init__(self, dim: int):
        super().__init__()
        self.filler = nn.Parameter(torch.zeros(dim))
        self.position = nn.Linear(2 * self.features, dim)

    def forward(self, hidden: Tensor, durations: Tensor, frames: int) -> Tensor:
        """`hidden` (batch, tokens, dim), `durations` (batch, tokens) -> (batch, frames, dim)."""
        ends = durations.cumsum(dim=1)
        grid = torch.arange(frames, device=hidden.device).expand(len(ends), -1).contiguous()
        index = torch.searchsorted(ends, grid, right=True).clamp(max=hidden.shape[1] - 1)
        end, length = ends.gather(1, index), durations.gather(1, index)
        left, right = grid - (end - length), end - grid
        where = torch.cat(
            (sinusoidal(left, self.features, 0.5), sinusoidal(right, self.features, 0.5)), dim=-1
        )
        framed = gather_frames(hidden, index) + self.position(where.to(hidden.dtype))
        return torch.where(
            (grid < ends[:, -1:]).unsqueeze(-1), framed, self.filler.to(framed.dtype)
        )


def lay_out(layout: Layout, sounding: Tensor, frames: Tensor, durations: Tensor | None) -> Tensor:
    """Frames of every token under a layout, (batch, tokens).

    Args:
        layout: see `Layout`.
        sounding: (batch, tokens) bool, False for padding and `|`.
        frames: (batch,) length of each utterance.
        durations: (batch, tokens) true or predicted frames; needed by `duration` only.
    """
    if layout == "filler":
        return sounding.long()
    if layout == "even":
        return spread_evenly(sounding, frames)
    if durations is None:
        raise ValueError("the duration layout needs durations")
    return durations


def gather_frames(hidden: Tensor, index: Tensor) -> Tensor:
    """Pick token vectors: (batch, tokens, dim) and (batch, frames) -> (batch, frames, dim)."""
    return hidden.gather(1, index.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))


def spread_evenly(sounding: Tensor, frames: Tensor) -> Tensor:
    """Durations that share each row's frames evenly among its sounding tokens.

    `sounding` (batch, tokens) bool, `frames` (batch,) -> (batch, tokens) whole frames whose sum
    is `frames`; silent tokens (`|`, padding) get none.
    """
    rank = sounding.cumsum(dim=1)
    count = rank[:, -1:].clamp(min=1)
    edges = rank * frames.unsqueeze(1) // count
    before = (rank - sounding.long()) * frames.unsqueeze(1) // count
    return edges - before
